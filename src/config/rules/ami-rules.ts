import { quoteValue } from '../printable.js';
import { draftProblem } from '../problem.js';
import type { ImageRule } from './image-rule.js';

/** EC2 refuses `aws:` in any case of letters; `buildimg:` tags decide what buildimg may clean up. */
export const tagsAreNotReserved: ImageRule = ({ ami, publish }, { path }) =>
  Object.entries({ ami: ami?.tags, publish: publish?.tags }).flatMap(([section, tags]) =>
    Object.keys(tags ?? {}).flatMap((key) => {
      const prefix = ['aws:', 'buildimg:'].find((reserved) => key.toLowerCase().startsWith(reserved));
      if (prefix === undefined) return [];
      const place = { path: [...path, section, 'tags', key], target: 'key' } as const;
      return [draftProblem('CONFIG_TAG_RESERVED', place, [quoteValue(key), prefix])];
    }),
  );

/** Packer renders these texts until nothing changes any more, so that no way of writing `{{` survives it. */
export const amiTextsHaveNoTemplates: ImageRule = ({ ami }, { path }) => {
  const texts = [
    { path: [...path, 'ami', 'description'], text: ami?.description },
    ...Object.entries(ami?.tags ?? {}).map(([key, value]) => ({
      path: [...path, 'ami', 'tags', key],
      text: `${key}\n${String(value)}`,
    })),
  ];
  return texts
    .filter(({ text }) => text?.includes('{{') === true)
    .map((place) => draftProblem('CONFIG_TEXT_TEMPLATE', { path: place.path }, []));
};

/** Elastic Beanstalk takes one definition and one value an option. */
export const platformOptionsAreUnique: ImageRule = ({ platform }, { path }) =>
  (['optionDefinitions', 'optionSettings'] as const).flatMap((list) => {
    const seen = new Set<string>();
    return (platform?.[list] ?? []).flatMap((option, index) => {
      if (option?.namespace === undefined || option.optionName === undefined) return [];
      const name = quoteValue(`${option.namespace} ${option.optionName}`);
      if (!seen.has(name)) {
        seen.add(name);
        return [];
      }
      const place = { path: [...path, 'platform', list, index, 'optionName'] };
      return [draftProblem('CONFIG_PLATFORM_OPTION_TWICE', place, [name])];
    });
  });
