// Operations of the demo's schema of which no two ask for the same fields. Each asks for about as much as the
// benchmark's other operations, so that what it costs beyond them is that it is new.
const PRODUCT = ['upc', 'name', 'price', 'weight', 'inStock', 'shippingEstimate'];
const USER = ['id', 'name', 'username', 'birthday', 'numberOfReviews'];
// subsets of the fields, of what is selected one within the other; how many products
const LEVELS = [63, 31, 2, 63, 31, 9];
const SHAPES = LEVELS.reduce((a, b) => a * b, 1);
const STRIDE = 7_368_787; // a prime that divides no number of shapes: every shape comes once before any comes again

const pick = (fields, bits, alias) =>
  fields.flatMap((field, i) => ((bits >> i) & 1 ? [`${alias}${i}:${field}`] : [])).join(' ');

const PER_SEED = 100_000;

/**
 * @param ownNames whether no two have an alias or a name in common either
 * @returns (n: number from 0 to 99,999) -> the body of a POST; bodies of other numbers or seeds differ
 */
export function distinctOperations(seed, ownNames = false) {
  return (n) => {
    let shape = (((seed * PER_SEED + n) % SHAPES) * STRIDE) % SHAPES;
    const digits = LEVELS.map((size) => {
      const digit = shape % size;
      shape = Math.floor(shape / size);
      return digit + 1;
    });
    const [product, author, extra, other, reader, first] = digits;
    const a = ownNames ? `x${seed.toString(36)}n${n.toString(36)}f` : 'x';
    const reviews = (user, of) =>
      `${of}r:reviews{${extra === 1 ? 'id' : 'id body'} ${of}a:author{${pick(USER, user, of)}}}`;
    const query =
      `query ${a}{${a}t:topProducts(first:${first}){${pick(PRODUCT, product, a)} ${reviews(author, a)}} ` +
      `${a}o:topProducts(first:${10 - first},skip:${first}){${pick(PRODUCT, other, `${a}o`)} ${reviews(reader, `${a}o`)}}}`;
    return JSON.stringify({ query, operationName: a });
  };
}
