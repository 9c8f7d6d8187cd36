/* eslint-disable */
import * as types from './graphql.ts';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  fragment Side on BracketSide {\n    team {\n      name\n    }\n    label\n    score\n    shootout\n    won\n  }\n": typeof types.SideFragmentDoc,
    "\n  fragment Slot on BracketSlot {\n    id\n    part\n    round\n    position\n    leg\n    label\n    state\n    winnerTo\n    kickoffAt\n    home {\n      ...Side\n    }\n    away {\n      ...Side\n    }\n    match {\n      state\n    }\n  }\n": typeof types.SlotFragmentDoc,
    "\n  fragment Table on Group {\n    name\n    standings {\n      rank\n      team {\n        name\n      }\n      played\n      won\n      drawn\n      lost\n      scoreFor\n      scoreAgainst\n      points\n      tied\n      provisional\n      deductions {\n        points\n        reason\n      }\n    }\n  }\n": typeof types.TableFragmentDoc,
    "\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      name\n      timeZone\n      stages(first: 16) {\n        id\n        number\n        name\n        bracket {\n          slotCount\n        }\n      }\n    }\n  }\n": typeof types.TournamentStagesDocument,
    "\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          ...Table\n        }\n      }\n    }\n  }\n": typeof types.StageTablesDocument,
    "\n  query StageBracket($id: ID!, $slots: Int!) {\n    node(id: $id) {\n      ... on Stage {\n        rounds {\n          part\n          number\n          name\n        }\n        bracket {\n          slots(first: $slots) {\n            ...Slot\n          }\n        }\n      }\n    }\n  }\n": typeof types.StageBracketDocument,
    "\n  query NewestTournaments {\n    tournaments(last: 100) {\n      edges {\n        node {\n          id\n          name\n        }\n      }\n    }\n  }\n": typeof types.NewestTournamentsDocument,
};
const documents: Documents = {
    "\n  fragment Side on BracketSide {\n    team {\n      name\n    }\n    label\n    score\n    shootout\n    won\n  }\n": types.SideFragmentDoc,
    "\n  fragment Slot on BracketSlot {\n    id\n    part\n    round\n    position\n    leg\n    label\n    state\n    winnerTo\n    kickoffAt\n    home {\n      ...Side\n    }\n    away {\n      ...Side\n    }\n    match {\n      state\n    }\n  }\n": types.SlotFragmentDoc,
    "\n  fragment Table on Group {\n    name\n    standings {\n      rank\n      team {\n        name\n      }\n      played\n      won\n      drawn\n      lost\n      scoreFor\n      scoreAgainst\n      points\n      tied\n      provisional\n      deductions {\n        points\n        reason\n      }\n    }\n  }\n": types.TableFragmentDoc,
    "\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      name\n      timeZone\n      stages(first: 16) {\n        id\n        number\n        name\n        bracket {\n          slotCount\n        }\n      }\n    }\n  }\n": types.TournamentStagesDocument,
    "\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          ...Table\n        }\n      }\n    }\n  }\n": types.StageTablesDocument,
    "\n  query StageBracket($id: ID!, $slots: Int!) {\n    node(id: $id) {\n      ... on Stage {\n        rounds {\n          part\n          number\n          name\n        }\n        bracket {\n          slots(first: $slots) {\n            ...Slot\n          }\n        }\n      }\n    }\n  }\n": types.StageBracketDocument,
    "\n  query NewestTournaments {\n    tournaments(last: 100) {\n      edges {\n        node {\n          id\n          name\n        }\n      }\n    }\n  }\n": types.NewestTournamentsDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Side on BracketSide {\n    team {\n      name\n    }\n    label\n    score\n    shootout\n    won\n  }\n"): (typeof documents)["\n  fragment Side on BracketSide {\n    team {\n      name\n    }\n    label\n    score\n    shootout\n    won\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Slot on BracketSlot {\n    id\n    part\n    round\n    position\n    leg\n    label\n    state\n    winnerTo\n    kickoffAt\n    home {\n      ...Side\n    }\n    away {\n      ...Side\n    }\n    match {\n      state\n    }\n  }\n"): (typeof documents)["\n  fragment Slot on BracketSlot {\n    id\n    part\n    round\n    position\n    leg\n    label\n    state\n    winnerTo\n    kickoffAt\n    home {\n      ...Side\n    }\n    away {\n      ...Side\n    }\n    match {\n      state\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  fragment Table on Group {\n    name\n    standings {\n      rank\n      team {\n        name\n      }\n      played\n      won\n      drawn\n      lost\n      scoreFor\n      scoreAgainst\n      points\n      tied\n      provisional\n      deductions {\n        points\n        reason\n      }\n    }\n  }\n"): (typeof documents)["\n  fragment Table on Group {\n    name\n    standings {\n      rank\n      team {\n        name\n      }\n      played\n      won\n      drawn\n      lost\n      scoreFor\n      scoreAgainst\n      points\n      tied\n      provisional\n      deductions {\n        points\n        reason\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      name\n      timeZone\n      stages(first: 16) {\n        id\n        number\n        name\n        bracket {\n          slotCount\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query TournamentStages($id: ID!) {\n    tournament(id: $id) {\n      name\n      timeZone\n      stages(first: 16) {\n        id\n        number\n        name\n        bracket {\n          slotCount\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          ...Table\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query StageTables($id: ID!) {\n    node(id: $id) {\n      ... on Stage {\n        groups(first: 256) {\n          ...Table\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query StageBracket($id: ID!, $slots: Int!) {\n    node(id: $id) {\n      ... on Stage {\n        rounds {\n          part\n          number\n          name\n        }\n        bracket {\n          slots(first: $slots) {\n            ...Slot\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query StageBracket($id: ID!, $slots: Int!) {\n    node(id: $id) {\n      ... on Stage {\n        rounds {\n          part\n          number\n          name\n        }\n        bracket {\n          slots(first: $slots) {\n            ...Slot\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query NewestTournaments {\n    tournaments(last: 100) {\n      edges {\n        node {\n          id\n          name\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query NewestTournaments {\n    tournaments(last: 100) {\n      edges {\n        node {\n          id\n          name\n        }\n      }\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;