import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { findProblems } from './support/find-problems.js';

const folder = fileURLToPath(new URL('./broken', import.meta.url));

/** What each file of broken/ is told, in order: `line:column CODE`. */
const expectations: Readonly<Record<string, readonly string[]>> = {
  'alias-bomb.yaml': ['2:8 CONFIG_ALIAS'],
  'alias-of-itself.yaml': ['3:8 CONFIG_ALIAS'],
  'alias-of-nothing.yaml': ['3:8 CONFIG_ALIAS'],
  'architecture.yaml': ['5:19 CONFIG_ENUM', '11:30 CONFIG_ARCHITECTURE'],
  'beanstalk-traps.yaml': [
    '5:31 CONFIG_BEANSTALK',
    '9:26 CONFIG_BEANSTALK',
    '9:54 CONFIG_BEANSTALK',
    '11:73 CONFIG_BEANSTALK',
    '18:26 CONFIG_BEANSTALK',
    '18:59 CONFIG_BEANSTALK',
    '18:88 CONFIG_PATTERN',
  ],
  'builder-ec2.yaml': [
    '12:7 CONFIG_BUILDER_UNUSED',
    '18:13 CONFIG_PROFILE_MISSING',
    '19:7 CONFIG_BUILDER_UNUSED',
    '22:27 CONFIG_SECRET_PLACE',
    '22:27 CONFIG_SECRET_IN_HISTORY',
    '24:33 CONFIG_SECRET_IN_HISTORY',
    '31:7 CONFIG_BUILDER_KEY',
    '32:7 CONFIG_BUILDER_KEY',
  ],
  'colon-in-value.yaml': ['6:13 CONFIG_SYNTAX'],
  'control-character.yaml': ['6:26 CONFIG_CONTROL_CHARACTER'],
  'destination.yaml': ['7:47 CONFIG_PATTERN', '8:47 CONFIG_DESTINATION'],
  'duplicate-key.yaml': ['6:3 CONFIG_DUPLICATE_KEY'],
  'empty.yaml': ['1:1 CONFIG_EMPTY'],
  'environment-missing.yaml': ['4:14 CONFIG_ENVIRONMENT_MISSING'],
  'function.ts': ['1:45 CONFIG_NOT_DATA'],
  'image-name.yaml': ['3:3 CONFIG_KEY_NAME'],
  'key-is-a-list.yaml': ['3:3 CONFIG_KEY_TYPE'],
  'login-user.yaml': ['5:5 CONFIG_LOGIN_USER_UNKNOWN'],
  'malformed-reference.yaml': ['4:14 CONFIG_REFERENCE', '5:13 CONFIG_REFERENCE'],
  'marketplace-owner.yaml': ['7:16 CONFIG_OWNER_REFUSED'],
  'merge-of-text.yaml': ['4:5 CONFIG_ALIAS'],
  'missing-owners.yaml': ['6:7 CONFIG_OWNERS_MISSING'],
  'network.yaml': [
    '7:7 CONFIG_VPC_WITHOUT_SUBNET',
    '8:7 CONFIG_CIDRS_UNUSED',
    '8:24 CONFIG_PATTERN',
    '9:26 CONFIG_PATTERN',
    '14:16 CONFIG_RANGE',
    '15:7 CONFIG_CIDRS_UNUSED',
  ],
  'no-images.yaml': ['2:1 CONFIG_LENGTH'],
  'no-source-kind.yaml': ['5:5 CONFIG_SOURCE_KIND'],
  'not-a-mapping.yaml': ['1:1 CONFIG_TYPE'],
  'only-comment.yaml': ['1:1 CONFIG_EMPTY'],
  'parameter-without-owners.yaml': ['6:7 CONFIG_OWNERS_MISSING'],
  'path-missing.yaml': ['8:19 CONFIG_PATH_MISSING'],
  'path-outside-root.yaml': ['7:26 CONFIG_PATH_OUTSIDE', '8:25 CONFIG_PATH_OUTSIDE'],
  'platform-traps.yaml': [
    '8:30 CONFIG_BEANSTALK',
    '11:15 CONFIG_ENUM',
    '13:31 CONFIG_TYPE',
    '14:7 CONFIG_UNKNOWN_KEY',
    '15:22 CONFIG_TYPE',
    '16:35 PLATFORM_INSTANCE_PROFILE',
    '17:14 CONFIG_PATH_OUTSIDE',
    '18:14 CONFIG_PATH_MISSING',
    '19:47 CONFIG_PLATFORM_COMMAND_OPTION',
    '25:15 CONFIG_PLATFORM_RUNTIME',
    '28:14 CONFIG_PATH_KIND',
  ],
  'platform.yaml': [
    '7:13 CONFIG_PATTERN',
    '9:31 CONFIG_TYPE',
    '11:24 CONFIG_PATTERN',
    '14:56 CONFIG_PLATFORM_OPTION_TWICE',
  ],
  'proto.yaml': ['6:20 CONFIG_KEY_RESERVED'],
  'provisioner-option-typo.yaml': ['7:19 CONFIG_UNKNOWN_KEY', '8:9 CONFIG_REQUIRED'],
  'provisioner-with-two-names.yaml': ['7:9 CONFIG_PROVISIONER_SHAPE', '9:9 CONFIG_PROVISIONER_SHAPE'],
  'publish.yaml': [
    '6:12 CONFIG_PUBLISH',
    '8:17 CONFIG_PUBLISH',
    '8:39 CONFIG_PUBLISH',
    '8:50 CONFIG_PATTERN',
    '9:34 CONFIG_TYPE',
    '9:48 CONFIG_PUBLISH',
    '10:18 CONFIG_PUBLISH',
    '11:23 CONFIG_PUBLISH',
    '12:18 CONFIG_UNKNOWN_KEY',
    '13:19 CONFIG_PUBLISH',
    '13:73 CONFIG_RANGE',
    '14:17 CONFIG_PATH_OUTSIDE',
    '15:15 CONFIG_TAG_RESERVED',
    '19:37 CONFIG_PUBLISH',
    '21:29 CONFIG_PUBLISH',
    '21:33 CONFIG_PUBLISH',
    '21:88 CONFIG_PUBLISH',
    '21:90 CONFIG_UNKNOWN_KEY',
    '23:7 CONFIG_PUBLISH',
    '24:31 CONFIG_PUBLISH',
    '24:53 CONFIG_PUBLISH',
    '25:17 CONFIG_PATH_KIND',
    '30:16 CONFIG_PUBLISH',
    '30:65 CONFIG_PUBLISH',
    '36:15 CONFIG_PUBLISH',
    '37:23 CONFIG_PUBLISH',
    '38:18 CONFIG_PUBLISH',
    '43:50 CONFIG_PUBLISH',
    '43:73 CONFIG_TYPE',
    '43:93 CONFIG_TYPE',
    '47:27 CONFIG_PUBLISH',
  ],
  'region.yaml': ['5:13 CONFIG_PATTERN'],
  'script-is-a-folder.yaml': ['7:26 CONFIG_PATH_KIND', '8:9 CONFIG_SHELL_SOURCE'],
  'seal-in-the-middle.yaml': ['8:9 CONFIG_PROVISIONER_NOT_LAST'],
  'seal-twice.yaml': ['7:9 CONFIG_PROVISIONER_TWICE'],
  'tab.yaml': ['3:1 CONFIG_SYNTAX'],
  'tags.yaml': ['7:20 CONFIG_PATTERN', '9:9 CONFIG_TAG_RESERVED', '10:16 CONFIG_TYPE', '11:9 CONFIG_KEY_NAME'],
  'template-in-text.yaml': ['7:20 CONFIG_TEXT_TEMPLATE', '10:17 CONFIG_TEXT_TEMPLATE', '11:22 CONFIG_TEXT_TEMPLATE'],
  'throws.ts': ['2:45 CONFIG_SCRIPT_FAILED'],
  'trailing-comma.json': ['3:75 CONFIG_SYNTAX'],
  'two-documents.yaml': ['2:1 CONFIG_SYNTAX'],
  'two-sources.yaml': ['5:5 CONFIG_SOURCE_KIND'],
  'typo-in-key.yaml': ['6:5 CONFIG_UNKNOWN_KEY'],
  'typo.json': ['6:22 CONFIG_ENUM'],
  'typo.ts': ['4:73 CONFIG_ENUM'],
  'unclosed-quote.yaml': ['4:14 CONFIG_SYNTAX'],
  'unknown-filter.yaml': ['6:17 CONFIG_FILTER_UNKNOWN'],
  'unknown-os.yaml': ['5:19 CONFIG_ENUM'],
  'unknown-provisioner.yaml': ['7:9 CONFIG_PROVISIONER_UNKNOWN', '8:9 CONFIG_PROVISIONER_UNKNOWN'],
  'unknown-tag.yaml': ['4:14 CONFIG_TAG'],
  'unquoted-account.yaml': ['7:16 CONFIG_TYPE'],
  'unquoted-version.yaml': ['4:14 CONFIG_TYPE'],
  'variable-unknown.yaml': ['6:14 CONFIG_VARIABLE_UNKNOWN', '9:14 CONFIG_VARIABLE_MISSING'],
  'volume.yaml': ['6:39 CONFIG_RANGE', '6:48 CONFIG_ENUM', '10:39 CONFIG_VOLUME_SIZE'],
  'waivers.yaml': [
    '7:15 CONFIG_ENUM',
    '8:15 CONFIG_ENUM',
    '10:18 CONFIG_CHECK_UNKNOWN',
    '13:20 CONFIG_CHECK_UNKNOWN',
    '14:59 CONFIG_DAY',
    '15:54 CONFIG_PATTERN',
    '16:11 CONFIG_REQUIRED',
    '17:61 CONFIG_UNKNOWN_KEY',
    '18:37 CONFIG_PATTERN',
  ],
  'wrong-config-version.yaml': ['1:10 CONFIG_ENUM'],
  'wrong-type.yaml': ['6:25 CONFIG_TYPE', '6:57 CONFIG_TYPE', '7:19 CONFIG_TYPE'],
  'yaml-in.json': ['3:3 CONFIG_SYNTAX', '3:13 CONFIG_SYNTAX'],
};

describe('loadConfig, given a broken config', () => {
  it('has an expectation for every file of broken/', async () => {
    const entries = await readdir(folder, { withFileTypes: true });

    const files = entries.filter((entry) => entry.isFile()).map((entry) => entry.name);

    expect(files.toSorted()).toEqual(Object.keys(expectations).toSorted());
  });

  it.each(Object.entries(expectations))('names every mistake of %s at its line and column', async (file, expected) => {
    const problems = await findProblems(path.join(folder, file));

    expect(problems.map(({ line, column, code }) => `${line}:${column} ${code}`)).toEqual(expected);
  });
});
