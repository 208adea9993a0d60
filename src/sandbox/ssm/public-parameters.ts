import { listBaseImages, resolveBaseImageId } from '../world/base-images.js';
import type { ParameterRecord } from '../world/records.js';
import type { RequestContext } from '../world/services.js';

/** The publishers' parameters of the request's region: each names the newest base image of its kind. */
export async function listPublicParameters({ paths, region }: RequestContext): Promise<readonly ParameterRecord[]> {
  const parameters = new Map<string, ParameterRecord>();
  // Oldest first, so that the newest stays.
  for (const image of await listBaseImages(paths)) {
    for (const name of image.ssmParameters) {
      parameters.set(name, {
        id: `${region}:${name}`,
        region,
        name,
        value: resolveBaseImageId(image, region),
        type: 'String',
        dataType: 'aws:ec2:image',
        version: (parameters.get(name)?.version ?? 0) + 1,
        modifiedAt: image.createdAt,
      });
    }
  }
  return [...parameters.values()];
}
