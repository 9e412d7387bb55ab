/** What a plain YAML scalar may be, for us: no blank, nothing with a meaning, no number. */
const plain = /^[A-Za-z][A-Za-z0-9_./-]*$/

/** Words that YAML 1.1 readers take for something else than text. */
const meaningful = /^(true|false|yes|no|on|off|null|y|n)$/i

/** A text as YAML: plain where that is safe, else in double quotes, whose escapes are those of JSON. */
export function scalar(text: string): string {
  return plain.test(text) && !meaningful.test(text) ? text : escaped(JSON.stringify(text))
}

/** A text in a comment: on one line, whatever it holds, and of a length that one can read. */
export function commented(text: string): string {
  const line = escaped(text)
  return line.length > 300 ? `${line.slice(0, 300)}…` : line
}

/** Control characters and line ends that JSON lets through would end the line, or turn it round. */
// oxlint-disable-next-line no-control-regex
const steering = /[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufffe\uffff\ud800-\udfff]/g

const escaped = (text: string): string =>
  text.replace(steering, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
