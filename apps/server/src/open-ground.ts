// The ground the house stands on: settings, the confined processes and the store. Opened first and
// closed last; main.ts builds the other floors on it.

import { type ArchiveTables, archiveMigrations } from '@countersign/archive';
import { type AuditTables, auditMigrations } from '@countersign/audit';
import {
  type PullTables,
  type PushTables,
  pullMigrations,
  pushMigrations,
} from '@countersign/connectors';
import { type DirectoryTables, directoryMigrations } from '@countersign/directory';
import { type MemoryTables, memoryMigrations } from '@countersign/memory';
import { type ProviderTables, providerMigrations } from '@countersign/provider';
import { type LeaseTables, openStore, storageMigrations } from '@countersign/storage';
import { systemClock as clock, systemRandom as random } from '@countersign/vocabulary';
import { checkNode } from './check-node.ts';
import { learnLogs } from './logs/learn-logs.ts';
import { LogDoubts } from './logs/log-doubts.ts';
import { LogNotes } from './logs/note-logs.ts';
import { openLogDoors } from './logs/open-log-doors.ts';
import { openLogBook } from './open-log-book.ts';
import { planCustody } from './processes/start-children.ts';
import { waitForChildren } from './processes/wait-for-children.ts';
import { checkInstallation } from './settings/check-installation.ts';
import { openDataFolder } from './settings/open-data-folder.ts';
import { readSettings } from './settings/read-settings.ts';
import { learnSigners } from './signers/learn-signers.ts';
import { SignerNotes } from './signers/note-signers.ts';
import { openSignerDoors } from './signers/open-signer-doors.ts';

type Keepings = DirectoryTables & AuditTables & ArchiveTables & MemoryTables & ProviderTables;
type Tables = LeaseTables & Keepings & PullTables & PushTables;

export async function openGround() {
  checkNode(process.versions.node);
  const settings = readSettings(process.env, process.cwd());
  const log = openLogBook(process.env['COUNTERSIGN_LOG_LEVEL']);
  const data = openDataFolder(settings.data, random, settings.keyPassphrase);
  const names = checkInstallation(data, settings.url);
  const children = waitForChildren(log);
  const notes = new LogNotes(data.path);
  const witnessed = settings.witnesses !== undefined;
  const { secondLog } = settings;
  const doors = openLogDoors({ data, names, secondLog, witnessed, notes, log: children.log });
  // Signers are told which logs stand in for each other; with one log they need not wait for that.
  const custody = planCustody(settings.custody);
  const { maxAgeSeconds: longestKeyLifeSeconds } = settings.keySchedule;
  const places = settings.signers;
  const parts = { data, places, custody, longestKeyLifeSeconds, log: children.log };
  const start = (standIns: string[]) => openSignerDoors({ ...parts, standIns });
  const early = doors.length === 1 ? start([]) : undefined;
  const doubts = new LogDoubts();
  const migrations = [
    ...[storageMigrations, directoryMigrations, auditMigrations, archiveMigrations],
    ...[memoryMigrations, providerMigrations, pullMigrations, pushMigrations],
  ];
  const store = await openStore<Tables>({
    path: data.database,
    migrations: migrations.flat(),
    clock,
  });
  const logs = await learnLogs({ doors, notes, children, log, onDoubt: doubts.add });
  const signerDoors = early ?? start(logs.all.map(({ keys }) => keys.receiptKey));
  const signerNotes = new SignerNotes(data.path);
  const signers = await learnSigners({ doors: signerDoors, notes: signerNotes, children, log });
  const { signer } = signers;
  data.markComplete(names);
  const close = async (): Promise<void> => {
    await Promise.all([signers.close(), logs.close()]);
    await store.close();
    data.release();
  };
  return {
    ...{ settings, log, data, children, signer, signers, logs, doubts, store },
    close,
  };
}

export type Ground = Awaited<ReturnType<typeof openGround>>;
