import type { Static, TUnsafe } from 'typebox';
import type { BareProvisionerName, ProvisionerOptions } from './generated/provisioners.js';
import type { makeConfigSchema, sourceSchemas } from './schema.js';

/** A source as it is written: by exactly one of `os`, `ssmParameter`, `filter`, `ami`. */
export type SourceInput = {
  [Kind in keyof typeof sourceSchemas]: Static<(typeof sourceSchemas)[Kind]>;
}[keyof typeof sourceSchemas];

/** A provisioner as it is written: its name alone, or one key with its options. */
export type ProvisionerInput = BareProvisionerName | OneOf<ProvisionerOptions>;

type OneOf<Options> = {
  [Name in keyof Options]: { readonly [Key in Name]: Options[Name] } & {
    readonly [Key in Exclude<keyof Options, Name>]?: never;
  };
}[keyof Options];

type ConfigSchema = ReturnType<typeof makeConfigSchema<TUnsafe<SourceInput>, TUnsafe<ProvisionerInput>>>;

/** A config as it is written in buildimg.ts; YAML and JSON have the same shape. */
export type BuildimgConfig = DeepReadonly<Static<ConfigSchema>>;
export type ImageInput = BuildimgConfig['images'][string];

/** What is left of a config when its mistakes are taken out: whatever is there has the right type. */
export type PartialConfig = DeepPartial<BuildimgConfig>;
export type PartialImage = DeepPartial<ImageInput>;

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T;
type DeepPartial<T> = T extends readonly (infer Item)[]
  ? readonly DeepPartial<Item>[]
  : T extends object
    ? { readonly [K in keyof T]?: DeepPartial<T[K]> }
    : T;
