/** Texts that mean something to Packer's Go templates, HCL, JSON, YAML or a shell, and must arrive as they are. */
export const hostileStrings: readonly string[] = [
  'it\'s "quoted" `by` $(id) ${HOME}',
  '{{ .SourceAMI }}',
  '{{user `run_id`}} {{{ }}} {{',
  '{{`{{`}}',
  '{{- x -}}',
  '${var.run_id} $${a} $$${b} %{ if true } %%{c} $%{d} %$${e} ${',
  'line one\nline two\r\n\ttabbed\\n',
  '=a=b; rm -rf / & | < > * ? ~ # !',
  '-n --option',
  'é 日本 \u2028 😀',
  ' trailing \\',
];

/** Those that may stand where Packer can carry no `{{`. */
export const carriableStrings: readonly string[] = hostileStrings.filter((text) => !text.includes('{{'));
