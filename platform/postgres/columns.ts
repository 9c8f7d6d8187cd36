/**
 * The columns of a row that raw SQL reads as a whole, under Prisma's field names, for `Prisma.raw`. A new column of the
 * model is included automatically. A statement fails if a column is not its field's name in snake_case.
 * @param fields `Prisma.<Model>ScalarFieldEnum`
 */
export function columnsOf(fields: Readonly<Record<string, string>>): string {
  return Object.values(fields)
    .map((field) => `"${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}" AS "${field}"`)
    .join(', ');
}
