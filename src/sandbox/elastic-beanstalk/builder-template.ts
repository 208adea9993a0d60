// What Elastic Beanstalk's builder does to a template before it runs it: a bootstrap script becomes the first provisioner.
// The sandbox's does the same, with its stand-ins for the instance's tools.

import { isRecord } from '../../platform/is-record.js';

export interface BuilderTemplate {
  /** The template to run. */
  readonly text: string;
  /** The user that Packer logs in as. */
  readonly loginUser: string;
}

export interface BuilderSettings {
  /** Path of the bootstrap script, from the folder that packer runs in. */
  readonly bootstrapScript: string;
  readonly sshPort: number;
  /** On the build instance, by which a sandbox that starts again finds what a killed packer left. */
  readonly runTags: Readonly<Record<string, string>>;
}

/**
 * Prepares a template of Packer's JSON form.
 *
 * @throws Error when the template cannot be one
 */
export function prepareTemplate(source: string, settings: BuilderSettings): BuilderTemplate {
  const template = parseTemplate(source);
  const builders = readList(template, 'builders');
  if (builders.length === 0) throw new Error('The Packer template has no builders.');
  const [foreign] = builders.filter(({ type }) => type !== 'amazon-ebs');
  if (foreign !== undefined) {
    throw new Error(
      `The Packer template has a builder of type ${JSON.stringify(foreign['type'])}; a platform is made by amazon-ebs.`,
    );
  }
  const bootstrap = {
    type: 'shell',
    script: settings.bootstrapScript,
    execute_command: 'chmod +x {{.Path}}; if [ "$(id -u)" = 0 ]; then {{.Path}}; else sudo -n {{.Path}}; fi',
  };
  const prepared = {
    ...template,
    builders: builders.map((builder) => ({
      ...builder,
      // Sandboxed instances answer elsewhere where port 22 of this machine is taken.
      ...(settings.sshPort === 22 ? {} : { ssh_port: settings.sshPort }),
      run_tags: { ...(isRecord(builder['run_tags']) ? builder['run_tags'] : {}), ...settings.runTags },
    })),
    provisioners: [bootstrap, ...readList(template, 'provisioners')],
  };
  return { text: JSON.stringify(prepared, undefined, 2), loginUser: readLoginUser(template, builders[0]) };
}

type JsonObject = Readonly<Record<string, unknown>>;

function parseTemplate(source: string): JsonObject {
  let template: unknown;
  try {
    template = JSON.parse(source);
  } catch (error) {
    throw new Error(`The Packer template is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  if (isRecord(template)) return template;
  throw new Error('The Packer template is not a JSON object.');
}

function readList(template: JsonObject, key: string): readonly JsonObject[] {
  const list = template[key] ?? [];
  if (Array.isArray(list) && list.every(isRecord)) return list;
  throw new Error(`${key} of the Packer template is not a list of objects.`);
}

/** A literal, or the default of the user variable that it names. */
function readLoginUser(template: JsonObject, builder: JsonObject | undefined): string {
  const given = builder?.['ssh_username'];
  const [, variable] = /^\{\{\s*user\s+[`"](\w+)[`"]\s*\}\}$/.exec(typeof given === 'string' ? given : '') ?? [];
  const variables = template['variables'];
  const value = variable === undefined ? given : isRecord(variables) ? variables[variable] : undefined;
  return typeof value === 'string' && /^[a-z_][a-z0-9_-]*$/.test(value) ? value : 'ec2-user';
}
