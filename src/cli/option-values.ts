// What options and arguments take. An option takes one value each time it is given: one that took several would swallow
// the word behind them, which is the name of what the command works on.
import { InvalidArgumentError, Option } from 'commander';
import {
  ACCOUNT_PATTERN,
  AMI_NAME_PATTERN,
  IMAGE_PATTERN,
  ORGANIZATION_PATTERN,
  ORGANIZATIONAL_UNIT_PATTERN,
  PARAMETER_PATTERN,
  REGION_PATTERN,
} from '../config/aws-names.js';

type ParseValue = (text: string) => string;

/** `-r, --region REGION`, any number of times. */
export function regionsOption(description: string): Option {
  return repeatable('-r, --region <region>', description, parseRegion);
}

/** An option that may be given several times, with one value each; its value is the list of them. */
export function repeatable(flags: string, description: string, parse: ParseValue): Option {
  return new Option(flags, `${description}; may be repeated`).argParser(collect(parse));
}

/** Makes the parser of one value one that adds to the list of those before. */
export function collect(parse: ParseValue) {
  return (text: string, earlier: readonly string[] | undefined): readonly string[] => [...(earlier ?? []), parse(text)];
}

export function parseRegion(text: string): string {
  return assertMatches(text, [REGION_PATTERN], 'A region is named like us-east-1.');
}

export function parseAccount(text: string): string {
  return assertMatches(text, [ACCOUNT_PATTERN], 'An account has 12 digits.');
}

export function parseParameterName(text: string): string {
  const rule = 'An SSM parameter is named by letters, digits and _ . - in parts set off by "/".';
  return assertMatches(text, [PARAMETER_PATTERN], rule);
}

/** A parameter's name in which * stands for any part of it. */
export function parseParameterGlob(text: string): string {
  parseParameterName(text.replaceAll('*', 'x'));
  return text;
}

/** Of a config, or what `register --name` gave: the value of the tag buildimg:image. */
export function parseImageName(text: string): string {
  return assertMatches(
    text,
    [IMAGE_PATTERN, AMI_NAME_PATTERN],
    'It is the name of an image of a config, or of an AMI.',
  );
}

export function parseOrganization(text: string): string {
  const patterns = [ORGANIZATION_PATTERN, ORGANIZATIONAL_UNIT_PATTERN];
  return assertMatches(text, patterns, 'It is the ARN of an organization or of an organizational unit.');
}

function assertMatches(text: string, patterns: readonly string[], rule: string): string {
  if (patterns.some((pattern) => new RegExp(pattern).test(text))) return text;
  throw new InvalidArgumentError(rule);
}
