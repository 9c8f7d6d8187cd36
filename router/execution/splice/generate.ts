import {
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
} from 'graphql';
import type { GraphQLOutputType } from 'graphql';
import type { Layout, Piece, Position, Provider, RepresentationPlan } from './layout.ts';
import * as scanning from './scanning.ts';
import type { EntityFetch, Shape, ShapeField, SpliceFetch } from './shapes.ts';

/** The state of one request on the fast path. */
export interface SpliceState {
  /** Objects that get entities, by number of their shape. */
  readonly nodes: unknown[][];
  /** Results of root fetches, by number of the fetch. */
  readonly roots: unknown[];
  /**
   * By number of the entity fetch. `owners`: for each object of `nodes`, the index of its entity or -1 for none.
   * `counts`: the number of entities.
   */
  readonly owners: number[][];
  readonly counts: number[];
}

export interface Generated {
  /** Reads a subgraph's response into the state. Returns false if the response is not exactly as expected. */
  readonly scan: readonly ((text: string, state: SpliceState) => boolean)[];
  /** The representations of an entity fetch as JSON, without the brackets of the list. */
  readonly represent: readonly ((state: SpliceState) => string)[];
  /**
   * The client's response as JSON.
   * @throws Incomplete when a null must propagate
   */
  readonly write: (state: SpliceState) => string;
}

/** The error when a non-null field is null. The general path completes such responses and adds their errors. */
class Incomplete extends Error {}

/**
 * Compiles a layout to JavaScript. The source contains only numbers made here and names of the schema and of the
 * client's document. GraphQL names have only the characters A-Z a-z 0-9 _. It never contains a value of a request.
 */
export function generate(layout: Layout): Generated {
  const enums: ReadonlySet<string>[] = [];
  const source = [
    '"use strict";',
    ...layout.fetches.map((fetch) => scanner(fetch, enums)),
    ...layout.representations.map(representation),
    ...layout.fetches.flatMap(({ entities }) => entities.map((entity) => represent(entity, layout.representations))),
    ...layout.positions.flatMap(writer),
    `function write(x){return '{"data":'+w${layout.root.number}(x)+'}';}`,
    'function one(x,w){return x===null?"null":w(x);}',
    'function list(x,w){if(x===null)return "null";let o="[";for(let i=0;i<x.length;i++){if(i!==0)o+=",";o+=w(x[i]);}return o+"]";}',
    'function need(x){if(x===null||x===undefined)throw new Incomplete();return x;}',
    `return {scan:[${layout.fetches.map(({ number }) => `scan${number}`).join()}],` +
      `represent:[${layout.fetches.flatMap(({ entities }) => entities.map(({ number }) => `represent${number}`)).join()}],write};`,
  ].join('\n');
  const { closing, string, integer, number, boolean, any } = scanning;
  // Executing generated source is what makes a request cheap. It is safe, because a client's text gets into the source
  // only inside quotes.
  const make = new Function(
    'enums',
    'Incomplete',
    'closing',
    'string',
    'integer',
    'number',
    'boolean',
    'any',
    source,
  ) as (...args: unknown[]) => Generated;
  return make(enums, Incomplete, closing, string, integer, number, boolean, any);
}

/** Whether an object of this shape is stored as a plain string, because one text is all that is needed of it. */
const isText = (shape: Shape): boolean =>
  shape.slots.size === 1 && shape.nodes.size === 0 && shape.completedBy.length === 0;
const isKept = (shape: Shape): boolean => shape.slots.size > 0 || shape.nodes.size > 0 || shape.completedBy.length > 0;

// ---- Reading responses of subgraphs

/**
 * Builds code that expects constant text and records where parts of it are. Adjacent constants are compared in one
 * operation.
 */
class Code {
  text = '';
  readonly variables = new Set<string>();
  #constant = '';
  #marks: { readonly variable: string; readonly offset: number }[] = [];

  expect(text: string): void {
    this.#constant += text;
  }

  mark(variable: string): void {
    this.variables.add(variable);
    this.#marks.push({ variable, offset: this.#constant.length });
  }

  add(code: string): void {
    const length = this.#constant.length;
    if (length === 1) this.text += `if(s.charCodeAt(p)!==${this.#constant.charCodeAt(0)})return false;`;
    else if (length > 1) this.text += `if(!s.startsWith(${JSON.stringify(this.#constant)},p))return false;`;
    for (const { variable, offset } of this.#marks) this.text += `${variable}=p${offset === 0 ? '' : `+${offset}`};`;
    if (length > 0) this.text += `p+=${length};`;
    this.#constant = '';
    this.#marks = [];
    this.text += code;
  }
}

function scanner({ number, root, entities }: SpliceFetch, enums: ReadonlySet<string>[]): string {
  const code = new Code();
  code.expect('{"data":');
  if (root !== undefined) {
    object(code, root, 'r', enums);
    code.add(`state.roots[${number}]=r;`);
  } else {
    code.expect('{');
    entities.forEach((entity, index) => {
      code.expect(`${index === 0 ? '' : ','}"${entity.alias}":[`);
      code.add(`m=[];if(s.charCodeAt(p)===93)p++;else for(;;){`);
      code.add('if(s.charCodeAt(p)===110){if(!s.startsWith("null",p))return false;p+=4;m.push(null);}else{');
      object(code, entity.shape, 'r', enums);
      code.add(`m.push(r);}const c=s.charCodeAt(p++);if(c===44)continue;if(c===93)break;return false;}`);
      code.add(attach(entity));
    });
    code.expect('}');
  }
  code.expect('}');
  // Accepts a line feed after the body, because some servers send one.
  code.add('return p===s.length||(p===s.length-1&&s.charCodeAt(p)===10);');
  return `function scan${number}(s,state){let p=0,q=0,m,r=null,${[...code.variables]
    .map((name) => `${name}=0`)
    .concat('z=0')
    .join()};\n${code.text}\n}`;
}

/** Code that assigns the entities in `m` to the objects that need them. */
function attach({ number }: EntityFetch): string {
  return `if(m.length!==state.counts[${number}])return false;give${number}(state,m);`;
}

/** Code that reads an object into the variable `to`. */
function object(code: Code, shape: Shape, to: string, enums: ReadonlySet<string>[]): void {
  const id = shape.number;
  const starts = new Set([...shape.slots.values()].map(({ from }) => from));
  const ends = new Set([...shape.slots.values()].map(({ to: last }) => last));
  code.expect('{');
  shape.fields.forEach((field, index) => {
    if (index > 0) code.expect(',');
    if (starts.has(index)) code.mark(`a${id}_${index}`);
    code.expect(`"${field.key}":`);
    if (field.name === '__typename') code.expect(`"${shape.type.name}"`);
    else value(code, field.type, field, shape.nodes.has(index) ? `c${id}_${index}` : undefined, enums);
    if (ends.has(index)) code.mark(`b${id}_${index}`);
  });
  code.expect('}');
  if (!isKept(shape)) return to === 'z' ? undefined : code.add(`${to}="";`);
  const slots = [...shape.slots.values()].map(
    ({ name, from, to: last }) => [name, `s.slice(a${id}_${from},b${id}_${last})`] as const,
  );
  if (isText(shape)) return code.add(`${to}=${slots[0]?.[1] ?? '""'};`);
  const members = [
    ...slots.map(([name, text]) => `${name}:${text}`),
    ...[...shape.nodes].map((field) => `c${field}:c${id}_${field}`),
    ...shape.completedBy.map(({ number }) => `e${number}:undefined`),
  ];
  code.add(`${to}={${members.join()}};`);
  if (shape.completedBy.length > 0) code.add(`state.nodes[${id}].push(${to});`);
}

/**
 * Code that reads a field's value.
 * @param to the variable for the objects in it
 */
function value(
  code: Code,
  type: GraphQLOutputType | undefined,
  field: ShapeField,
  to: string | undefined,
  enums: ReadonlySet<string>[],
): void {
  if (to !== undefined) code.variables.add(to);
  let lists = 0;
  const visit = (of: GraphQLOutputType | undefined, into: string | undefined): void => {
    const nullable = of !== undefined && !isNonNullType(of);
    const inner = of !== undefined && isNonNullType(of) ? of.ofType : of;
    if (inner === undefined || isLeafType(inner)) return code.add(leaf(inner, nullable, enums));
    if (nullable)
      code.add(
        `if(s.charCodeAt(p)===110){if(!s.startsWith("null",p))return false;p+=4;${into === undefined ? '' : `${into}=null;`}}else{`,
      );
    if (isListType(inner)) {
      const item = into === undefined ? undefined : `${into}i${lists++}`;
      if (item !== undefined) code.variables.add(item);
      code.expect('[');
      code.add(`${into === undefined ? '' : `${into}=[];`}if(s.charCodeAt(p)===93)p++;else for(;;){`);
      visit(inner.ofType, item);
      code.add(
        `${into === undefined ? '' : `${into}.push(${item});`}const c=s.charCodeAt(p++);if(c===44)continue;if(c===93)break;return false;}`,
      );
    } else if (field.child !== undefined) object(code, field.child, into ?? 'z', enums);
    if (nullable) code.add('}');
  };
  visit(type, to);
}

const STRING =
  "if(s.charCodeAt(p)===34){q=s.indexOf('\"',p+1);if(q<0)return false;q=s.charCodeAt(q-1)===92?closing(s,q):q+1;if(q===0)return false;";

function leaf(type: GraphQLOutputType | undefined, nullable: boolean, enums: ReadonlySet<string>[]): string {
  const otherwise = nullable ? 'else if(s.startsWith("null",p))p+=4;else return false;' : 'else return false;';
  if (type === GraphQLString || type === GraphQLID) return `${STRING}p=q;}${otherwise}`;
  if (isEnumType(type)) {
    const names = enums.push(new Set(type.getValues().map(({ name }) => name))) - 1;
    return `${STRING}if(!enums[${names}].has(s.slice(p+1,q-1)))return false;p=q;}${otherwise}`;
  }
  const scan =
    type === GraphQLInt ? 'integer' : type === GraphQLFloat ? 'number' : type === GraphQLBoolean ? 'boolean' : 'any';
  // The scanner `any` also accepts null.
  const missing = scan === 'any' && type !== undefined && !nullable ? 'if(s.charCodeAt(p)===110)return false;' : '';
  return `${missing}q=${scan}(s,p);if(q!==0)p=q;${otherwise}`;
}

// ---- Writing representations

const part = (provider: Provider, slot: string, base: string): string => {
  const node = provider.entity === undefined ? base : `${base}.e${provider.entity.number}`;
  return isText(provider.shape) ? node : `${node}.${slot}`;
};

/**
 * Code for two functions of an object. `key` returns a text that equal representations share, or undefined when a
 * required field is missing. `text` returns the representation.
 */
function representation({ entity, base, parts }: RepresentationPlan): string {
  const missing = parts.flatMap(({ provider }) =>
    provider?.entity === undefined ? [] : [`n.e${provider.entity.number}==null`],
  );
  const slots = parts.flatMap(({ provider, slot }) => (provider === undefined ? [] : [part(provider, slot, 'n')]));
  const text = parts
    .map(({ text: constant, provider, slot }) =>
      [
        ...(constant === '' ? [] : [JSON.stringify(constant)]),
        ...(provider === undefined ? [] : [part(provider, slot, 'n')]),
      ].join('+'),
    )
    .join('+');
  return `function key${entity.number}_${base.number}(n){return ${missing.length > 0 ? `${[...new Set(missing)].join('||')}?undefined:` : ''}${slots.length > 0 ? slots.join('+') : '""'};}
function text${entity.number}_${base.number}(n){return "{"+${text}+"}";}`;
}

function represent({ number }: EntityFetch, plans: readonly RepresentationPlan[]): string {
  const bases = plans.filter(({ entity }) => entity.number === number).map(({ base }) => base.number);
  const collect = bases.map(
    (base) =>
      `for(const n of state.nodes[${base}]){k=key${number}_${base}(n);if(k===undefined){owners.push(-1);continue;}` +
      `i=seen.get(k);if(i===undefined){i=seen.size;seen.set(k,i);o+=(i===0?"":",")+text${number}_${base}(n);}owners.push(i);}`,
  );
  const give = bases.map(
    (base) => `for(const n of state.nodes[${base}]){const i=owners[j++];n.e${number}=i<0?null:m[i];}`,
  );
  return `function represent${number}(state){const owners=[],seen=new Map();let o="",k,i=0;${collect.join('')}state.owners[${number}]=owners;state.counts[${number}]=seen.size;return o;}
function give${number}(state,m){const owners=state.owners[${number}];let j=0;${give.join('')}}`;
}

// ---- Writing the client's response

function writer({ number, pieces }: Position): string[] {
  const terms: string[] = [];
  let constant = '{';
  pieces.forEach((piece, index) => {
    const first = index === 0 || isLabel(pieces[index - 1]);
    if (!first) constant += ',';
    if (piece.kind === 'text') {
      constant += piece.text;
      return;
    }
    terms.push(JSON.stringify(constant), `(${term(piece)})`);
    constant = '';
  });
  constant += '}';
  return [`function w${number}(n){return ${[...terms, JSON.stringify(constant)].join('+')};}`];
}

/** Whether a piece is the key of the node that follows it. */
const isLabel = (piece: Piece | undefined): boolean => piece?.kind === 'text' && piece.text.endsWith('":');

function term(piece: Exclude<Piece, { kind: 'text' }>): string {
  const { provider, nulls } = piece;
  const { root, entity } = provider;
  let node = root === undefined ? (entity === undefined ? 'n' : `n.e${entity.number}`) : `n.roots[${root.number}]`;
  // An entity is null if the subgraph returned null, and undefined if it was not fetched because a required field is
  // missing.
  const isNull = entity === undefined ? undefined : `${node}==null`;
  if (isNull !== undefined && nulls === undefined) node = `need(${node})`;
  const text =
    piece.kind === 'slot'
      ? isText(provider.shape)
        ? node
        : `${node}.${piece.slot}`
      : nested(`${node}.c${piece.field}`, piece.depth, piece.child);
  return isNull === undefined || nulls === undefined ? text : `${isNull}?${JSON.stringify(nulls)}:${text}`;
}

function nested(node: string, depth: number, child: Position): string {
  let write = `w${child.number}`;
  if (depth === 0) return `one(${node},${write})`;
  write = `(x=>one(x,${write}))`;
  for (let level = 1; level < depth; level++) write = `(x=>list(x,${write}))`;
  return `list(${node},${write})`;
}
