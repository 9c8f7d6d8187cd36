/**
 * The columns of a row that raw SQL reads whole, under the names that Prisma gives them, for `Prisma.raw`. A column
 * that the model gets is read, too; one whose name in the table is not its field's in snake_case fails the statement.
 * @param fields `Prisma.<Model>ScalarFieldEnum`
 */
export function columnsOf(fields: Readonly<Record<string, string>>): string {
  return Object.values(fields)
    .map((field) => `"${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}" AS "${field}"`)
    .join(', ');
}
