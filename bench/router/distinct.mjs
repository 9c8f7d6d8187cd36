// Operations of the demo's schema of which no two are alike: neither their text nor, but for their aliases, their fields.
const PRODUCT = ['upc', 'name', 'price', 'weight', 'inStock', 'shippingEstimate'];
const USER = ['id', 'name', 'username', 'birthday', 'numberOfReviews'];
const LEVELS = [63, 31, 2, 63, 31, 63]; // subsets of the fields, of what is selected one within the other
const SHAPES = LEVELS.reduce((a, b) => a * b, 1);
const STRIDE = 7_368_787; // a prime that divides no number of shapes: every shape comes once before any comes again

const pick = (fields, bits, alias) => fields.flatMap((field, i) => ((bits >> i) & 1 ? [`${alias}${i}:${field}`] : [])).join(' ');

/** @returns (n: number from 0) -> the body of a POST; bodies of other numbers or seeds differ */
export function distinctOperations(seed) {
  return (n) => {
    let shape = ((n % SHAPES) * STRIDE + seed * 7919) % SHAPES;
    const digits = LEVELS.map((size) => { const digit = shape % size; shape = Math.floor(shape / size); return digit + 1; });
    const [product, author, extra, other, reader, last] = digits;
    const a = `x${seed.toString(36)}n${n.toString(36)}f`;
    const query = `query ${a}{${a}t:topProducts(first:3){${pick(PRODUCT, product, a)} ${a}r:reviews{${extra === 1 ? 'id' : 'id body'} `
      + `${a}a:author{${pick(USER, author, a)} ${a}v:reviews{${a}p:product{${pick(PRODUCT, other, a)}}}}}}`
      + `${a}u:users{${pick(USER, reader, a)} ${a}w:reviews{${a}q:product{${pick(PRODUCT, last, a)}}}}}`;
    return JSON.stringify({ query, operationName: a });
  };
}
