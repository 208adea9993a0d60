// A Packer template without a dialect: one object per template, from which the legacy JSON and the HCL2 JSON are both
// written, so that the two cannot drift apart. Strings in it are plain text; what Packer shall evaluate is an Expression.

const EXPRESSION = Symbol('expression');

/** A value that Packer fills in: a variable of the template, a secret one, or its own templating. */
export interface Expression {
  readonly [EXPRESSION]: true;
  readonly kind: 'variable' | 'secret' | 'packer';
  readonly text: string;
}

/** Text with expressions in it. */
export interface JoinedText {
  readonly [EXPRESSION]: true;
  readonly kind: 'joined';
  readonly parts: readonly (string | Expression)[];
}

export type TemplateText = string | Expression | JoinedText;
export type TemplateTags = Readonly<Record<string, TemplateText>>;

/** The value of the template's variable `name`. */
export function variable(name: string): Expression {
  return { [EXPRESSION]: true, kind: 'variable', text: name };
}

/** The value of the template's secret variable `name`, whatever characters it holds. */
export function secretVariable(name: string): Expression {
  return { [EXPRESSION]: true, kind: 'secret', text: name };
}

/** Packer's own templating, which means the same in both dialects; `code` is like `{{ .SourceAMI }}`. */
export function packerTemplate(code: string): Expression {
  return { [EXPRESSION]: true, kind: 'packer', text: code };
}

/** What is written out and what Packer fills in, in their order. */
export function joinText(parts: JoinedText['parts']): JoinedText {
  return { [EXPRESSION]: true, kind: 'joined', parts };
}

/** Whether Packer fills `value` in. */
export function isExpression(value: object): value is Expression | JoinedText {
  return EXPRESSION in value;
}

export interface PackerTemplate {
  /** What Packer calls the build in its output. */
  readonly name: string;
  readonly minPackerVersion: string;
  readonly description: string;
  readonly variables: readonly TemplateVariable[];
  readonly source: AmazonEbsSource;
  readonly provisioners: readonly PackerProvisioner[];
}

/** A variable without a default must be given with -var. */
export interface TemplateVariable {
  readonly name: string;
  readonly description: string;
  readonly default?: string;
  /** Packer masks it in what it shows. */
  readonly isSecret?: true;
}

/** Settings of the amazon-ebs builder, under Packer's names for them. */
export interface AmazonEbsSource {
  readonly region: string;
  readonly source_ami?: TemplateText;
  readonly source_ami_filter?: SourceAmiFilter;
  readonly instance_type: string;
  readonly ami_name: string;
  readonly ami_description?: string;
  readonly communicator: 'ssh';
  readonly ssh_username: string;
  readonly ssh_port: TemplateText;
  readonly ssh_timeout: string;
  readonly temporary_key_pair_name?: TemplateText;
  readonly temporary_key_pair_type?: 'ed25519';
  readonly temporary_security_group_source_cidrs?: readonly TemplateText[];
  readonly security_group_ids?: readonly string[];
  readonly vpc_id?: string;
  readonly subnet_id?: string;
  readonly associate_public_ip_address?: boolean;
  readonly iam_instance_profile?: string;
  readonly user_data?: string;
  readonly shutdown_behavior: 'terminate';
  readonly launch_block_device_mappings?: readonly LaunchBlockDevice[];
  readonly metadata_options?: MetadataOptions;
  readonly imds_support?: 'v2.0';
  readonly run_tags: TemplateTags;
  readonly run_volume_tags: TemplateTags;
  readonly snapshot_tags: TemplateTags;
  readonly tags: TemplateTags;
}

export interface SourceAmiFilter {
  readonly filters: Readonly<Record<string, string>>;
  readonly owners: readonly string[];
  readonly most_recent: true;
}

export interface LaunchBlockDevice {
  readonly device_name: string;
  readonly delete_on_termination: true;
  readonly encrypted?: true;
  readonly kms_key_id?: string;
  readonly volume_size?: number;
  readonly volume_type?: string;
  readonly iops?: number;
  readonly throughput?: number;
}

export interface MetadataOptions {
  readonly http_endpoint: 'enabled';
  readonly http_tokens: 'required';
  readonly http_put_response_hop_limit: number;
}

export type PackerProvisioner = ShellProvisioner | FileProvisioner | DownloadProvisioner | LocalShellProvisioner;

export interface ShellProvisioner {
  readonly type: 'shell';
  readonly inline?: readonly string[];
  readonly scripts?: readonly string[];
  readonly environment_vars?: readonly TemplateText[];
  readonly use_env_var_file?: true;
  readonly binary?: true;
  readonly execute_command?: Expression;
  readonly expect_disconnect: false;
  readonly skip_clean?: true;
}

export interface FileProvisioner {
  readonly type: 'file';
  readonly sources: readonly string[];
  readonly destination: string;
}

export interface DownloadProvisioner {
  readonly type: 'file';
  readonly direction: 'download';
  readonly source: string;
  /** On the machine that runs packer, relative to the folder that it runs in. */
  readonly destination: string;
}

/** Runs on the machine that runs packer. */
export interface LocalShellProvisioner {
  readonly type: 'shell-local';
  readonly inline: readonly string[];
}
