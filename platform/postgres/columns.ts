/**
 * The text for `Prisma.raw` that selects all columns of a model under Prisma's field names. A new column of the model
 * is included automatically. Each column must be the field's name in snake_case; otherwise the statement fails.
 * @param fields `Prisma.<Model>ScalarFieldEnum`
 */
export function columnsOf(fields: Readonly<Record<string, string>>): string {
  return Object.values(fields)
    .map((field) => `"${field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)}" AS "${field}"`)
    .join(', ');
}
