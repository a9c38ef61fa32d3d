export type { Find, Finder, FindKind, Report, Unread } from './find.ts';
