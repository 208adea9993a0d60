import { type CatalogueEntry, listCatalogue } from '../../build/catalogue/list-catalogue.js';
import { ExitCode } from '../../errors.js';
import type { CliContext } from '../cli-context.js';
import { formatAge } from '../format-age.js';
import { formatTable } from '../format-table.js';
import { type RegionOptions, withRegions } from '../open-regions.js';

/** Lists the images that builds made. Changes nothing. */
export async function images(names: readonly string[], options: RegionOptions, cli: CliContext): Promise<ExitCode> {
  return await withRegions(options, cli, async ({ forEach }) => {
    const found = await forEach(({ aws, signal }) =>
      listCatalogue(names, { region: aws.region, library: aws.library, signal }),
    );
    const entries = found.flat();
    if (options.json === true) cli.output.answer(JSON.stringify({ images: entries }, undefined, 2));
    else if (entries.length === 0) cli.output.progress('No image of a build is there.');
    else for (const line of formatImages(entries, cli.now())) cli.output.answer(line);
    return ExitCode.done;
  });
}

const HEAD = [
  'REGION',
  'IMAGE',
  'VERSION',
  'ARCH',
  'AMI',
  'STATE',
  'AGE',
  'SOURCE',
  'FINDINGS',
  'STAGE',
  'DEPRECATED',
  'SHARED',
  'PARAMETERS',
];

function formatImages(entries: readonly CatalogueEntry[], now: number): readonly string[] {
  const isOneRegion = new Set(entries.map(({ region }) => region)).size === 1;
  const rows = entries.map((entry) => [
    isOneRegion ? '' : entry.region,
    entry.image,
    entry.version ?? '',
    entry.architecture,
    entry.id,
    entry.state,
    formatAge(now - Date.parse(entry.createdAt)),
    entry.sourceImageId ?? '',
    formatFindings(entry.scan),
    entry.stage ?? '',
    entry.deprecatedAt?.slice(0, 10) ?? '',
    formatSharing(entry),
    entry.parameters?.join(', ') ?? '',
  ]);
  return formatTable(HEAD, rows);
}

/** `1 medium, 3 low`; empty for an image that was not scanned. */
function formatFindings(scan: CatalogueEntry['scan']): string {
  if (scan === undefined) return '';
  const found = Object.entries(scan.counts)
    .filter(([, count]) => count > 0)
    .map(([severity, count]) => `${count} ${severity}`);
  return found.length === 0 ? 'none' : found.join(', ');
}

function formatSharing({ isPublic, sharedWith = [] }: CatalogueEntry): string {
  if (isPublic) return 'public';
  return sharedWith.length === 0 ? '' : String(sharedWith.length);
}
