// Generates operations of the demo's schema, of which no two select the same fields. Each selects about as much as the
// other operations of the benchmark, so its additional cost is that of a new operation.
const PRODUCT = ['upc', 'name', 'price', 'weight', 'inStock', 'shippingEstimate'];
const USER = ['id', 'name', 'username', 'birthday', 'numberOfReviews'];
// The number of choices: subsets of the fields at each level, and how many products.
const LEVELS = [63, 31, 2, 63, 31, 9];
const SHAPES = LEVELS.reduce((a, b) => a * b, 1);
// A prime that does not divide the number of shapes, so every shape occurs once before any repeats.
const STRIDE = 7_368_787;

const pick = (fields, bits, alias) =>
  fields.flatMap((field, i) => ((bits >> i) & 1 ? [`${alias}${i}:${field}`] : [])).join(' ');

const PER_SEED = 100_000;

/**
 * Makes a generator of operations.
 * @param ownNames whether all operations also use different aliases and names
 * @returns (n: number from 0 to 99,999) -> the body of a POST; other numbers or seeds give other bodies
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
