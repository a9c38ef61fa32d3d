// The archivist process: seals and searches. Written with the archive.

export {};
