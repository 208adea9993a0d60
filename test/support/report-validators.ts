// Validators that other people wrote: Microsoft's SARIF Multitool, CycloneDX's own library, the SPDX project's spdx-tools.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Spec, Validation } from '@cyclonedx/cyclonedx-library';
import multitool from '@microsoft/sarif-multitool';
import { withTemporaryFolder } from './temporary-folder.js';

/** What the Multitool says about a log: `SARIF1002 message`. */
export async function validateSarif(log: string): Promise<readonly string[]> {
  return await withTemporaryFolder((folder) => {
    const [file, output] = [join(folder, 'report.sarif'), join(folder, 'validation.sarif')];
    writeFileSync(file, log);
    // Its exit code only says whether it could read the file.
    // Its package sets the bit in an install script, which not every npm runs.
    chmodSync(multitool, 0o755);
    execFileSync(multitool, ['validate', file, '-o', output], {
      stdio: 'ignore',
      // Without the ICU library, .NET starts in this mode only.
      env: { ...process.env, DOTNET_SYSTEM_GLOBALIZATION_INVARIANT: '1' },
    });
    const { runs } = JSON.parse(readFileSync(output, 'utf8')) as ValidationLog;
    return runs.flatMap(({ results }) =>
      results.map(({ ruleId, message }) => `${ruleId} ${message.id ?? ''} ${message.arguments?.join(' ') ?? ''}`),
    );
  });
}

interface ValidationLog {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly message: { readonly id?: string; readonly arguments?: readonly string[] };
    }[];
  }[];
}

/** What is wrong with a CycloneDX 1.5 document; empty for a valid one. */
export async function validateCycloneDx(bom: string): Promise<readonly unknown[]> {
  const problem = await new Validation.JsonStrictValidator(Spec.Version.v1dot5).validate(bom);
  return problem === null ? [] : [problem];
}

/** What is wrong with an SPDX 2.3 document; empty for a valid one. */
export async function validateSpdx(document: string): Promise<readonly string[]> {
  const library = installSpdxTools();
  return await withTemporaryFolder((folder) => {
    const file = join(folder, 'bom.spdx.json');
    writeFileSync(file, document);
    const { status, stdout, stderr } = spawnSync('python3', ['-c', VALIDATE_SPDX, file], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONPATH: library },
    });
    if (status !== 0) return [stderr.trim().split('\n').at(-1) ?? 'it cannot be parsed'];
    return stdout.split('\n').filter((line) => line !== '');
  });
}

const VALIDATE_SPDX = `
import sys
from spdx_tools.spdx.parser.parse_anything import parse_file
from spdx_tools.spdx.validation.document_validator import validate_full_spdx_document
for message in validate_full_spdx_document(parse_file(sys.argv[1]), "SPDX-2.3"):
    print(message.validation_message.replace("\\n", " "))
`;

import { findCacheFolder } from './find-cache-folder.js';

const SPDX_TOOLS = ['spdx-tools==0.8.5', 'license-expression==30.4.4', 'beartype==0.23.1', 'rdflib==7.6.0'];

/** Installs spdx-tools from PyPI once a machine: 20 seconds. Gives the folder for PYTHONPATH. */
function installSpdxTools(): string {
  const cache = findCacheFolder('test-tools');
  const folder = join(cache, 'spdx-tools-0.8.5');
  if (existsSync(folder)) return folder;
  mkdirSync(cache, { recursive: true });
  const partial = mkdtempSync(join(cache, 'partial-'));
  try {
    const options = ['--quiet', '--disable-pip-version-check', '--no-compile', '--target', partial];
    execFileSync('python3', ['-m', 'pip', 'install', ...options, ...SPDX_TOOLS], { stdio: 'pipe' });
    renameSync(partial, folder);
  } catch (error) {
    // Another run may have been quicker.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(partial, { recursive: true, force: true });
  }
  return folder;
}
