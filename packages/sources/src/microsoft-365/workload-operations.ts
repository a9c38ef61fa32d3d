// What happens in mailboxes, files and meetings, by the operations of the unified audit log. Operations
// of the directory are shared with Entra's own log; cmdlets are known by their verb.

import type { ForeignClass } from '../ocsf/draft-event.ts';

export interface WorkloadOperation {
  classUid: ForeignClass;
  activityId: number;
  /** What it tells of: an access, a sign-in, a change. */
  kind: 'access' | 'sign_in' | 'change' | 'other';
  severityId?: number;
}

const mail = (activityId: number, kind: WorkloadOperation['kind'] = 'access') =>
  ({ classUid: 6005, activityId, kind }) as const;
const file = (activityId: number, kind: WorkloadOperation['kind'] = 'access') =>
  ({ classUid: 6006, activityId, kind }) as const;
const call = (activityId: number, kind: WorkloadOperation['kind'] = 'access') =>
  ({ classUid: 6003, activityId, kind }) as const;

export function findWorkloadOperation(folded: string): WorkloadOperation | undefined {
  return OPERATIONS.get(folded) ?? findCmdlet(folded);
}

/** Verbs of cmdlets as activities of class 3004. */
const VERBS: Readonly<Record<string, number>> = {
  new: 1,
  add: 3,
  get: 2,
  set: 3,
  update: 3,
  remove: 4,
  enable: 8,
  disable: 9,
  install: 10,
  uninstall: 11,
  start: 10,
  stop: 11,
  export: 2,
  import: 1,
  test: 2,
};

/** `Verb-Noun`; rights that are given or taken are of class 3005. */
function findCmdlet(folded: string): WorkloadOperation | undefined {
  const [, verb = '', noun = ''] =
    /^(new|add|get|set|update|remove|enable|disable|install|uninstall|start|stop|export|import|test)-([a-z][a-z0-9]{2,80})$/.exec(
      folded,
    ) ?? [];
  if (noun === '') return undefined;
  if (/(permission|rolegroupmember|managementroleassignment)$/.test(noun)) {
    if (verb === 'add' || verb === 'new')
      return { classUid: 3005, activityId: 1, kind: 'change', severityId: 3 };
    if (verb === 'remove') return { classUid: 3005, activityId: 2, kind: 'change' };
  }
  const severityId = WEIGHTY.test(noun) && verb !== 'get' && verb !== 'test' ? 3 : undefined;
  return {
    ...{ classUid: 3004, activityId: VERBS[verb] ?? 99, kind: 'change' },
    ...(severityId === undefined ? {} : { severityId }),
  };
}

/** What attackers change to read on or to be seen less. */
const WEIGHTY =
  /^(inboxrule|transportrule|mailbox|adminauditlogconfig|mailboxauditbypassassociation|unifiedauditlogretentionpolicy|inboundconnector|outboundconnector|organizationconfig|antiphishpolicy|safelinksrule|journalrule)$/;

const OPERATIONS: ReadonlyMap<string, WorkloadOperation> = new Map<string, WorkloadOperation>([
  ['userloggedin', { classUid: 3002, activityId: 1, kind: 'sign_in' }],
  ['userloginfailed', { classUid: 3002, activityId: 1, kind: 'sign_in' }],
  ['userloggedoff', { classUid: 3002, activityId: 2, kind: 'other' }],
  ['signinevent', { classUid: 3002, activityId: 1, kind: 'access' }],
  // With a token that somebody has already: no sign-in that issues one.
  ['teamssessionstarted', { classUid: 3002, activityId: 1, kind: 'access' }],
  // Mailboxes.
  ['mailitemsaccessed', mail(1)],
  ['messagebind', mail(1)],
  ['folderbind', mail(1)],
  ['attachmentaccess', mail(1)],
  ['searchqueryinitiatedexchange', mail(4)],
  ['mailboxlogin', mail(3)],
  ['send', mail(99)],
  ['sendas', mail(99)],
  ['sendonbehalf', mail(99)],
  ['create', mail(6)],
  ['update', mail(2)],
  ['move', mail(99)],
  ['copy', mail(99)],
  ['movetodeleteditems', mail(7)],
  ['softdelete', mail(7)],
  ['harddelete', mail(7)],
  ['recorddelete', mail(7)],
  ['addfolderpermissions', mail(2, 'change')],
  ['modifyfolderpermissions', mail(2, 'change')],
  ['removefolderpermissions', mail(2, 'change')],
  ['updatefolderpermissions', mail(2, 'change')],
  ['updateinboxrules', { ...mail(2, 'change'), severityId: 3 }],
  ['updatecalendardelegation', mail(2, 'change')],
  ['applyrecordlabel', mail(2, 'change')],
  // Files.
  ['fileaccessed', file(14)],
  ['fileaccessedextended', file(14)],
  ['filepreviewed', file(9)],
  ['filedownloaded', file(2)],
  ['filesyncdownloadedfull', file(15)],
  ['filesyncdownloadedpartial', file(15)],
  ['filesyncuploadedfull', file(1)],
  ['filesyncuploadedpartial', file(1)],
  ['fileuploaded', file(1)],
  ['filemodified', file(3)],
  ['filemodifiedextended', file(3)],
  ['filedeleted', file(4)],
  ['filerecycled', file(4)],
  ['filedeletedfirststagerecyclebin', file(4)],
  ['filedeletedsecondstagerecyclebin', file(4)],
  ['fileversionsalldeleted', file(4)],
  ['filerenamed', file(5)],
  ['filecopied', file(6)],
  ['filemoved', file(7)],
  ['filerestored', file(8)],
  ['filecheckedout', file(10)],
  ['filecheckedin', file(11)],
  ['foldercreated', file(1)],
  ['folderaccessed', file(14)],
  ['foldermodified', file(3)],
  ['folderrenamed', file(5)],
  ['folderdeleted', file(4)],
  ['folderrecycled', file(4)],
  ['pageviewed', file(14)],
  ['pageviewedextended', file(14)],
  ['clientviewsignaled', file(14)],
  ['pageprefetched', file(14)],
  ['listviewed', file(14)],
  ['listitemviewed', file(14)],
  ['sharingset', file(12, 'change')],
  ['sharinginvitationcreated', file(12, 'change')],
  ['sharinginvitationaccepted', file(14)],
  ['anonymouslinkcreated', { ...file(12, 'change'), severityId: 3 }],
  ['companylinkcreated', file(12, 'change')],
  ['securelinkcreated', file(12, 'change')],
  ['addedtosecurelink', file(12, 'change')],
  ['sharingrevoked', file(13, 'change')],
  ['anonymouslinkremoved', file(13, 'change')],
  ['companylinkremoved', file(13, 'change')],
  ['securelinkdeleted', file(13, 'change')],
  ['removedfromsecurelink', file(13, 'change')],
  ['anonymouslinkused', file(14)],
  ['companylinkused', file(14)],
  ['securelinkused', file(14)],
  ['searchqueryinitiatedsharepoint', call(2)],
  ['searchqueryperformed', call(2)],
  ['sitecollectionadminadded', { classUid: 3005, activityId: 1, kind: 'change', severityId: 3 }],
  ['sitecollectionadminremoved', { classUid: 3005, activityId: 2, kind: 'change' }],
  // Teams.
  ['messageread', call(2)],
  ['messageslisted', call(2)],
  ['messagesexported', call(2)],
  ['messagesent', call(1)],
  ['messagecreatedhaslink', call(1)],
  ['messageupdated', call(3)],
  ['messagedeleted', call(4)],
  ['chatcreated', call(1)],
  ['chatretrieved', call(2)],
  ['chatupdated', call(3)],
  ['meetingparticipantdetail', call(2)],
  ['meetingdetail', call(2)],
  ['memberadded', { classUid: 3006, activityId: 3, kind: 'change' }],
  ['memberremoved', { classUid: 3006, activityId: 4, kind: 'change' }],
  ['teamcreated', { classUid: 3006, activityId: 6, kind: 'change' }],
  ['teamdeleted', { classUid: 3006, activityId: 5, kind: 'change' }],
  ['appinstalled', { classUid: 6002, activityId: 1, kind: 'change' }],
  ['appuninstalled', { classUid: 6002, activityId: 2, kind: 'change' }],
  // Searches and holds of the compliance center.
  ['searchcreated', call(1, 'change')],
  ['searchstarted', call(2)],
  ['searchexportdownloaded', { ...call(2), severityId: 3 }],
  ['searchremoved', call(4, 'change')],
  ['searchviewed', call(2)],
  // Alerts.
  ['alerttriggered', { classUid: 2004, activityId: 1, kind: 'other' }],
  ['alertentitygenerated', { classUid: 2004, activityId: 2, kind: 'other' }],
  ['alertupdated', { classUid: 2004, activityId: 2, kind: 'other' }],
]);
