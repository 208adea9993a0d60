// Tags say which build made an image, and anybody may copy them: "Launch more like this" does, and CopyImage when asked to. What
// nobody copies along is the name, which EC2 takes once in an account and region.
import { IMAGE_TAG } from './catalogue-ports.js';

/** Whether an image bears the name that a build gives to an image of these tags. */
export function isNamedByTags({ name, tags }: NamedImage): boolean {
  const { [IMAGE_TAG]: image, 'buildimg:version': version, 'buildimg:inputs': inputs } = tags;
  if (image === undefined) return false;
  // `register --name` knows neither version nor inputs: the name is the image.
  if (name === image) return inputs === undefined;
  if (version === undefined) return false;
  return ARCHITECTURES.some((architecture) => {
    const start = `${image}${architecture}-${version}`;
    return name.startsWith(start) && isEnding(name.slice(start.length), inputs);
  });
}

interface NamedImage {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A name of an image may end in the architecture itself. */
const ARCHITECTURES = ['', '-x86_64', '-arm64'];

/** Digits of the inputs, or the time where Elastic Beanstalk builds; `-r2` where unchanged inputs were built once more. */
function isEnding(ending: string, inputs: string | undefined): boolean {
  const [, digits] = /^(-[0-9a-f]{8}|-\d{14})?(?:-r\d{1,3})?$/.exec(ending) ?? ['', 'none'];
  if (inputs === undefined) return digits !== 'none';
  return digits === `-${inputs.slice(0, 8)}`;
}
