/**
 * JSON as text. `JSON.parse` turns 12345678901234567890 into another number, takes the last of two equal keys, and what
 * walks its result by recursion ends at some depth. What a source sent is shown as it was sent, so nothing here makes
 * values of it: texts are cut into the texts of their parts, and laid out in lines. No function recurses.
 */

export class NotJson extends Error {
  override name = "NotJson";
}

export type TokenKind = "key" | "string" | "number" | "word" | "mark";

export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none within a string (RFC 8259, section 7).
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** Characters that change how the text around them is shown, or show nothing, though they are parts of it. */
const UNSEEN = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The tokens of a text in their order, without the space between them. A text that is no JSON ends in `NotJson`. */
export function* tokens(text: string): Generator<Token & { readonly start: number }> {
  const open: ("{" | "[")[] = [];
  let at = skip(text, 0);
  let expects: "value" | "first" | "key" | "colon" | "after" | "end" = "value";
  const closed = () => (open.length ? "after" : "end");
  while (at < text.length) {
    const start = at;
    const sign = text[at] as string;
    const inside = open.at(-1);
    let kind: TokenKind = "mark";
    let end = at + 1;
    if ((expects === "value" || expects === "first") && !(sign === "]" && expects === "first" && inside === "[")) {
      if (sign === "{" || sign === "[") {
        open.push(sign);
        expects = sign === "{" ? "key" : "first";
        // An object may end at once; only after a comma it may not.
        if (sign === "{" && text[skip(text, end)] === "}") expects = "after";
      } else {
        [kind, end] = scalar(text, at);
        expects = closed();
      }
    } else if (expects === "key") {
      kind = "key";
      end = matched(STRING, text, at);
      expects = "colon";
    } else if (expects === "colon" && sign === ":") {
      expects = "value";
    } else if (expects === "after" && sign === ",") {
      expects = inside === "{" ? "key" : "value";
    } else if ((expects === "after" || expects === "first") && sign === (inside === "{" ? "}" : "]")) {
      open.pop();
      expects = closed();
    } else {
      throw new NotJson(`unexpected character at ${at}`);
    }
    yield { kind, text: text.slice(start, end), start };
    at = skip(text, end);
  }
  if (expects !== "end") throw new NotJson("the text ends too early");
}

/** The members of an object: each key, and the text of its value. Of two equal keys the last is taken. */
export function members(text: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of parts(text, "{")) found.set(key, value);
  return found;
}

/** The texts of an array's elements. */
export function elements(text: string): string[] {
  return parts(text, "[").map(([, value]) => value);
}

/** What a value is to a reader: a string's characters, and of anything else its text. */
export function plain(value: string): string {
  return value.startsWith('"') ? (JSON.parse(value) as string) : value;
}

/** The string that a value is; `undefined` if it is none. */
export function stringOf(value: string | undefined): string | undefined {
  return value?.startsWith('"') ? plain(value) : undefined;
}

/** The number that a value is, as near as a number of this language comes; for counts. */
export function numberOf(value: string | undefined): number | undefined {
  const number = value === undefined || !/^[-0-9]/.test(value) ? Number.NaN : Number(value);
  return Number.isFinite(number) ? number : undefined;
}

/** Deeper levels are laid out at this one: a document of 10,000 levels would else be mostly space. */
const DEEPEST_INDENT = 24;

/** A text laid out in lines, two spaces a level; numbers and escapes stay as they are. */
export function lines(text: string): Token[][] {
  const laidOut: Token[][] = [];
  let line: Token[] = [];
  let depth = 0;
  let before = "";
  const breakLine = () => {
    laidOut.push(line);
    line = depth ? [{ kind: "mark", text: "  ".repeat(Math.min(depth, DEEPEST_INDENT)) }] : [];
  };
  for (const { kind, text: token } of tokens(text)) {
    const closes = kind === "mark" && (token === "}" || token === "]");
    if (closes) depth -= 1;
    const opened = before === "{" || before === "[";
    if (opened ? !closes : closes || before === ",") breakLine();
    line.push({ kind, text: token === ":" ? ": " : visible(token) });
    if (kind === "mark" && (token === "{" || token === "[")) depth += 1;
    before = kind === "mark" ? token : "";
  }
  laidOut.push(line);
  return laidOut;
}

/** A JSON string in which nothing is unseen: such characters are written as escapes, which mean the same. */
function visible(token: string): string {
  return token.replace(UNSEEN, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

function parts(text: string, kind: "{" | "["): [string, string][] {
  const found: [string, string][] = [];
  let depth = 0;
  let key = "";
  let from = -1;
  let first = true;
  for (const token of tokens(text)) {
    const mark = token.kind === "mark" ? token.text : "";
    if (first && mark !== kind) throw new NotJson(`the value does not begin with ${kind}`);
    first = false;
    if (mark === "}" || mark === "]") depth -= 1;
    if (depth === (mark === "}" || mark === "]" ? 0 : 1)) {
      if (token.kind === "key") key = plain(token.text);
      if ((mark === "," || mark === "}" || mark === "]") && from >= 0) {
        found.push([key, text.slice(from, token.start).trimEnd()]);
        from = -1;
      }
    }
    if (
      depth === 1 &&
      from < 0 &&
      token.kind !== "key" &&
      mark !== ":" &&
      mark !== "," &&
      mark !== "}" &&
      mark !== "]"
    ) {
      from = token.start;
    }
    if (mark === "{" || mark === "[") depth += 1;
  }
  return found;
}

function scalar(text: string, at: number): [TokenKind, number] {
  const sign = text[at] as string;
  if (sign === '"') return ["string", matched(STRING, text, at)];
  return sign === "t" || sign === "f" || sign === "n"
    ? ["word", matched(WORD, text, at)]
    : ["number", matched(NUMBER, text, at)];
}

function skip(text: string, at: number): number {
  return matched(SPACE, text, at);
}

function matched(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  if (!pattern.test(text)) throw new NotJson(`unexpected character at ${at}`);
  return pattern.lastIndex;
}
