const TYPE = String.raw`"[\w[\]!]+"`;

/**
 * The beginnings of graphql-js' messages about a value in a variable, up to the part that may repeat the value. Any
 * other text is a scalar's own, and may contain anything.
 */
const COMPLAINTS = [
  String.raw`Field "\w+" is not defined by type "\w+"`,
  String.raw`Field "\w+" of required type ${TYPE} was not provided`,
  String.raw`Field "\w+" must be non-null`,
  String.raw`Exactly one key must be specified for OneOf type "\w+"`,
  String.raw`Expected type "\w+"(?: to be an object)?`,
  String.raw`Expected non-nullable type ${TYPE} not to be null`,
  String.raw`(?:Int|Float|String|Boolean|ID) cannot represent (?:(?:a )?non[a-z0-9 -]+ )?value`,
  String.raw`Enum "\w+" cannot represent non-string value`,
  'DateTime must be an RFC 3339 date and time',
];
const PLACE_AND_COMPLAINT = new RegExp(String.raw`(?: at "[\w.[\]]+")?; (?:${COMPLAINTS.join('|')})`);
const PLACE_AND_ENUM = /( at "[\w.[\]]+")?; Value ".*" does not exist in ("\w+" enum)\./s;
const INVALID_VARIABLE = ' got invalid value ';
/**
 * The number of characters at the end of a message that are read. The path and the error are there, after the value.
 */
const END = 1_000;

/**
 * All other errors of parsing, validation and coercion that repeat a value, and the part to keep. The value is always
 * the last part.
 */
const RULES: readonly (readonly [message: RegExp, kept: string])[] = [
  // A token may be the rest of a string with unmatched quotation marks. The error's position is enough.
  [/^(Syntax Error: .*?(?:Name|Int|Float|String|BlockString|Comment)) ".*$/s, '$1.'],
  [/^(Syntax Error: .*?): (?:"|'|U\+).*$/s, '$1.'],
  [new RegExp(`^(Expected value of type ${TYPE}), found .*$`, 's'), '$1.'],
  [/^((?:\w+|Enum "\w+") cannot represent [a-z0-9 -]*value): .*$/s, '$1.'],
  [/^Value ".*" does not exist in ("\w+" enum)\..*$/s, 'Value does not exist in $1.'],
  [/^(Argument "\w+"(?: of type "[\w[\]!]+")? has invalid value) .*$/s, '$1.'],
  [/^Unknown operation named ".*$/s, 'The document has no operation of this name.'],
  // V8 shows the text around the position.
  [/^.* is not valid JSON$/s, 'This is not valid JSON.'],
];

/**
 * The message of an error without the client's values that graphql-js and JSON.parse add. A password may be among them,
 * and messages reach logs and error trackers. Names of the schema and of the document remain. Any other message is
 * returned unchanged.
 */
export function withoutValues(message: string): string {
  const at = message.startsWith('Variable "$') ? message.indexOf(INVALID_VARIABLE) : -1;
  if (at >= 0) {
    const value = message.slice(at + INVALID_VARIABLE.length).slice(-END);
    const [, place = '', type] = PLACE_AND_ENUM.exec(value) ?? [];
    const complaint =
      type === undefined ? (PLACE_AND_COMPLAINT.exec(value)?.[0] ?? '') : `${place}; Value does not exist in ${type}`;
    return `${message.slice(0, at)}${INVALID_VARIABLE.trimEnd()}${complaint}.`;
  }
  for (const [whole, kept] of RULES) if (whole.test(message)) return message.replace(whole, kept);
  return message;
}
