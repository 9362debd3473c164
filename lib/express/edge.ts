import type { Core } from '../core/core';
import type { Settings } from '../options/options';
import type { CachedEnrollments } from '../stores/enrollments';
import type { FollowedSessions } from '../stores/followed-sessions';

/** What the rooms that see requests work with. */
export interface Edge {
  settings: Settings;
  core: Core;
  enrollments: CachedEnrollments;
  sessions: FollowedSessions;
  /** Called once, and never waited for. */
  atFirstRequest?: (() => void) | undefined;
}
