// The lines of an evidence bundle. One bundle is one text file, written and read from the first line to
// the last in constant memory:
//
//   countersign/evidence/v1
//   # remarks, and how to check it
//   trail {"instance":…,"tenant":…,"v":1}
//   anchor {anchor proof}
//   segment {manifest}                 or: tombstone {tombstone}, tail FIRST LAST
//   leaves FIRST BASE64                leaves of the events that follow, 32 bytes each
//   e NUMBER SALT TEXT                 an event; salt in base64url
//   x NUMBER                           erased: only its leaf is left
//   h FIRST LAST                       withheld: only their leaves are shown
//   end EVENTS

export const BUNDLE_TITLE = 'countersign/evidence/v1';

/** Leaves that a writer puts on one line, and most text of events that follows them. */
export const LEAVES_A_LINE = 4_096;
export const TEXT_BYTES_A_BLOCK = 4 * 1024 * 1024;
/** Most leaves that a reader takes on one line. */
export const MOST_LEAVES_A_LINE = 65_536;
/** The longest line that a reader takes: an event may carry a foreign record of 16 MiB. */
export const LONGEST_LINE_BYTES = 64 * 1024 * 1024;

const NUMBER = '(0|[1-9][0-9]{0,15})';

export const TAIL_LINE = new RegExp(`^${NUMBER} ${NUMBER}$`);
export const LEAVES_LINE = new RegExp(`^${NUMBER} ([A-Za-z0-9+/=]+)$`);
export const NUMBER_LINE = new RegExp(`^${NUMBER}$`);

/** How somebody without this program checks a bundle; every bundle begins with it. */
export const INSTRUCTIONS: readonly string[] = [
  'Check this file offline: countersign audit verify FILE --policy POLICY [--pin ANCHOR]',
  'POLICY is a C2SP tlog-policy with the key of the log; ANCHOR an anchor proof that was kept earlier.',
  'By hand: leaf = SHA-256(00 || salt || text of the event); head = SHA-256(02 || head before || leaf);',
  'the first head is SHA-256("countersign/trail/v1\\n" + instance + "\\n" + tenant). The head after the',
  'last event stands in "entry" of the anchor; its path leads to the last 32 bytes of "leaf", and "log"',
  'is a C2SP tlog-proof that this leaf is in the transparency log.',
];
