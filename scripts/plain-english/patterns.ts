/** A phrase that many readers have to read twice. */
export interface Pattern {
  readonly name: string;
  /** A global expression. It is searched in one sentence at a time, in which all white space is single spaces. */
  readonly regex: RegExp;
  /** What to write instead. */
  readonly instead: string;
}

/**
 * The patterns that are searched. A pattern is added only if most of its hits have to be rewritten. These candidates
 * were not added, because most of their hits were right: cleft sentences ("it is … that": 3 of 16 hits were wrong),
 * "under way", "come back", "somebody", and short sentences that start with "What" (mostly names of things).
 */
export const PATTERNS: readonly Pattern[] = [
  {
    name: 'told',
    regex: /\b(?:is|are|was|were|be|been|being|not) told\b|\btells? of\b/gi,
    instead: 'say who reports what to whom: "The router sends the client …"',
  },
  {
    name: 'stands',
    regex: /\b(?:stands?|stood|standing)\b(?! for\b)/gi,
    instead: 'is, is stored, precedes, is listed',
  },
  {
    name: 'comes',
    regex: /\b(?:comes?|came|coming) (?:to|behind|again|before|with|round)\b|\bto come\b/gi,
    instead: 'amounts to, follows, returns, precedes, arrives',
  },
  { name: 'is to', regex: /\b(?:is|are) to (?:be|have|happen|stay|go)\b/gi, instead: 'must, will' },
  { name: 'be had', regex: /\bbe had\b/gi, instead: 'available, unavailable' },
  { name: 'who … who', regex: /\bwho\b[^.;:]*\bwho\b/gi, instead: 'name the people: members, users, clients' },
  { name: 'what … what', regex: /\bwhat\b[^.;:]*\bwhat\b/gi, instead: 'name the things' },
  { name: 'those that', regex: /\bthose (?:that|who|which)\b/gi, instead: 'repeat the noun: "the events that"' },
  { name: 'whoever', regex: /\b(?:whoever|whomever|whatever)\b/gi, instead: 'everybody who, any' },
  { name: 'nothing of', regex: /\bnothing of\b/gi, instead: 'none of, no' },
  { name: 'so that … so that', regex: /\bso that\b[^.]*\bso that\b/gi, instead: 'a sentence for each purpose' },
  { name: 'Of …', regex: /^Of\b/g, instead: 'start with the subject: "The topic of an event"' },
  {
    name: 'What … in a long sentence',
    regex: /^(?:What|Who) (?:\S+ ){11}.*[^?]$/g,
    instead: 'start with a noun: "The events that", "A client that"',
  },
  { name: 'goes on', regex: /\b(?:go|goes|went|gone|going) on\b/gi, instead: 'continues, happens' },
  { name: 'takes up', regex: /\b(?:takes?|taken|took) up\b(?! to\b)/gi, instead: 'resumes, uses' },
  { name: 'passes over', regex: /\bpass(?:es|ed|ing)? over\b/gi, instead: 'skips, ignores, misses' },
  { name: 'hears of', regex: /\bhear[ds]? of\b/gi, instead: 'receives, learns, gets a message from' },
  { name: 'anew', regex: /\banew\b/gi, instead: 'again, from scratch' },
  { name: 'but for', regex: /\bbut for\b/gi, instead: 'except' },
  { name: 'mend', regex: /\bmend(?:s|ed|ing)?\b/gi, instead: 'fix, repair' },
  { name: 'believed', regex: /\bbelieve[sd]?\b/gi, instead: 'trusted, accepted' },
  { name: 'circle', regex: /\bcircles?\b/gi, instead: 'cycle' },
  {
    name: 'old words',
    regex:
      /\bof (?:its|their) own accord\b|\b(?:lest|thereby|therein|thereof|hence|whence|hitherto|whereby|wherein|whilst|nought|forthwith)\b/gi,
    instead: 'the usual word of today',
  },
];

/** The greatest number of words in a sentence. Code counts as one word. */
export const WORDS = 35;
/** The greatest number of characters in a line of a comment or of Markdown, and in a cell of a table. */
export const WIDTH = 120;
