/** What a template is made of: text, a fact, or a choice by number. */
type Piece = string | { name: string; cases?: Map<string, Template> };
export type Template = readonly Piece[];

/** Where the number of a choice stands in it. */
const NUMBER: Piece = { name: '#' };
const NAME = /^[A-Za-z][A-Za-z0-9]*$/;
/** `other` is asked for: it is what is left. */
const CASE = /^(?:=\d{1,6}|zero|one|two|few|many|other)$/;
/** No sentence needs more, and none must fill the stack. */
const DEEPEST = 3;

/** Reads a template. Throws a `SyntaxError` that says what is wrong with it. */
export function parseTemplate(text: string): Template {
  const reader = { text, at: 0 };
  const pieces = readPieces(reader, 0);
  if (reader.at < text.length) throw new SyntaxError('it has a } without its {');
  return pieces;
}

interface Reader {
  text: string;
  at: number;
}

/** Up to the end, or to the `}` that belongs to whoever asks. */
function readPieces(reader: Reader, depth: number): Template {
  const pieces: Piece[] = [];
  while (reader.at < reader.text.length && reader.text[reader.at] !== '}') {
    if (reader.text[reader.at] === '{') {
      pieces.push(readFact(reader, depth));
      continue;
    }
    const text = upTo(reader, /[{}]/);
    if (depth === 0) pieces.push(text);
    else pieces.push(...text.split(/(#)/).map((each) => (each === '#' ? NUMBER : each)));
  }
  return pieces.filter((piece) => piece !== '');
}

function readFact(reader: Reader, depth: number): Piece {
  reader.at += 1;
  const head = upTo(reader, /[{}]/);
  if (reader.text[reader.at] === '}') {
    reader.at += 1;
    return { name: named(head) };
  }
  const [name = '', kind, rest = '', ...more] = head.split(',').map((each) => each.trim());
  if (kind !== 'plural' || more.length > 0) {
    throw new SyntaxError(`it has a { that is neither {name} nor {name, plural, other {…}}`);
  }
  if (depth >= DEEPEST) throw new SyntaxError('its choices stand in one another too deeply');
  return { name: named(name), cases: readCases(reader, rest, depth) };
}

function readCases(reader: Reader, first: string, depth: number): Map<string, Template> {
  const cases = new Map<string, Template>();
  for (let label = first; ; label = upTo(reader, /[{}]/).trim()) {
    if (reader.text[reader.at] === undefined) throw new SyntaxError('it has a { without its }');
    reader.at += 1;
    if (label === '' && reader.text[reader.at - 1] === '}') break;
    if (!CASE.test(label)) throw new SyntaxError(`"${label}" is no case of a plural`);
    cases.set(label, readPieces(reader, depth + 1));
    if (reader.text[reader.at] !== '}') throw new SyntaxError('it has a { without its }');
    reader.at += 1;
  }
  if (!cases.has('other')) throw new SyntaxError('a plural of it has no case "other"');
  return cases;
}

function upTo(reader: Reader, mark: RegExp): string {
  const found = reader.text.slice(reader.at).search(mark);
  const end = found < 0 ? reader.text.length : reader.at + found;
  const text = reader.text.slice(reader.at, end);
  reader.at = end;
  return text;
}

function named(given: string): string {
  const name = given.trim();
  if (NAME.test(name)) return name;
  throw new SyntaxError(`"{${name}}" is no name of a fact`);
}

/** The names of the facts that stand in a template, in whatever case. */
export function factsIn(template: Template): Set<string> {
  const names = template.flatMap((piece) => {
    if (typeof piece === 'string' || piece === NUMBER) return [];
    const inside = [...(piece.cases?.values() ?? [])].flatMap((each) => [...factsIn(each)]);
    return [piece.name, ...inside];
  });
  return new Set(names);
}

/** How a language counts and writes its numbers. */
export interface Counting {
  category: (count: number) => string;
  number: (count: number) => string;
}

/** The sentence with its facts. What it has no fact for is left out. */
export function fill(
  template: Template,
  facts: Readonly<Record<string, unknown>>,
  counting: Counting,
  count = 0,
): string {
  return template
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      const fact = piece === NUMBER ? count : facts[piece.name];
      if (piece.cases === undefined) {
        if (typeof fact === 'number') return counting.number(fact);
        return typeof fact === 'string' ? fact : '';
      }
      const number = Number(fact);
      const chosen =
        piece.cases.get(`=${number}`) ??
        piece.cases.get(counting.category(number)) ??
        piece.cases.get('other');
      return fill(chosen ?? [], facts, counting, number);
    })
    .join('');
}
