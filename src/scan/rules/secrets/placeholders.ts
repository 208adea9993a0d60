const WORDS =
  /^(?:x{3,}|\*{3,}|\.{3,}|-+|none|null|nil|undefined|true|false|yes|no|on|off|auto|default|required|optional|prompt|ask|files?|plain|string|str|env|vault|redacted|placeholder|your[-_ ].*|my[-_](?:secret|password|token)|insert[-_ ].*|replace[-_ ]?me|todo|example|dummy|user|pass|passwd|password|secret|token)$/i;

/** Values that stand for a secret instead of being one: variables, template holes, words. */
export function isPlaceholder(value: string): boolean {
  if (WORDS.test(value)) return true;
  // ${X}, $X, {{ x }}, <x>, %(x)s, %x%, @X@, [x], /path, file:…, arn:… or another name of where the secret is kept.
  return /^(?:\$[\w{(]|\{\{|<|%[(\w{]|@\w+@|\[|\/|~\/|file:|arn:|ssm:|vault:|secretsmanager:|env:|ENC\[|!\w|os\.|process\.|\$\$)/.test(
    value,
  );
}

/** Passwords that every attacker tries first: they count however short they are. */
export function isKnownDefault(value: string): boolean {
  return /^(?:admin|administrator|root|changeme|change_me|letmein|welcome\d*|qwerty\d*|password\d+|passw0rd|p@ssw0rd|12345\d*|toor|guest|test\d*|postgres|mysql|default\d+)$/i.test(
    value,
  );
}
