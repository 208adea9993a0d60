// One entry of a config that stands for several images: `matrix: { architecture: [x86_64, arm64], region: [...] }`.
import type { ImageInput, PartialImage } from './config-input.js';

/** An image of a config as it is built. */
export interface MatrixImage<I> {
  /** That of the entry, and the value of every axis that has several: `web-eu-west-1-arm64`. */
  readonly name: string;
  /** Key of the entry in the config. */
  readonly entry: string;
  /** The entry with a value of each axis in its place. */
  readonly image: Omit<I, 'matrix'>;
}

/** In the order of the names; the AMI name ends in the architecture too. */
const AXES = ['profile', 'region', 'architecture'] as const;

type Value = Partial<Record<(typeof AXES)[number], string>>;

/** Every image that the entries stand for, in their order; an entry without a matrix stands for itself. Pure. */
export function expandMatrix<I extends ImageInput | PartialImage>(
  entries: Readonly<Record<string, I | undefined>>,
): readonly MatrixImage<I>[] {
  return Object.entries(entries).flatMap(([entry, image]) => {
    if (image === undefined) return [];
    const { matrix = {}, ...shared } = image;
    return listCombinations(matrix).map(({ suffixes, values }) => ({
      name: [entry, ...suffixes].join('-'),
      entry,
      image: { ...shared, ...values } as Omit<I, 'matrix'>,
    }));
  });
}

interface Combination {
  readonly suffixes: readonly string[];
  readonly values: Value;
}

function listCombinations(matrix: NonNullable<PartialImage['matrix']>): readonly Combination[] {
  return AXES.reduce<readonly Combination[]>(
    (combinations, axis) => {
      const values = (matrix[axis] ?? []).filter((value) => value !== undefined);
      if (values.length === 0) return combinations;
      return combinations.flatMap((one) =>
        values.map((value) => ({
          suffixes: values.length === 1 ? one.suffixes : [...one.suffixes, value],
          values: { ...one.values, [axis]: value },
        })),
      );
    },
    [{ suffixes: [], values: {} }],
  );
}
