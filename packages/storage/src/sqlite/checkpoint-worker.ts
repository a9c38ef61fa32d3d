// The thread that copies pages from the log into the database, so that the thread which answers
// requests does not. It has a connection of its own; a PASSIVE checkpoint gets in nobody's way.

import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const database = new DatabaseSync((workerData as { path: string }).path);
const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');

parentPort?.on('message', (message: 'checkpoint' | 'close') => {
  if (message === 'close') {
    database.close();
    parentPort?.close();
    return;
  }
  checkpoint.all();
  parentPort?.postMessage('done');
});
