/** passport-sms-2fa: an SMS second factor for Express apps with Passport and sessions. */
export { createSecondFactor } from './second-factor';
export type { IdentityProviderProof, PassportStrategy, SecondFactor } from './verbs';
export type {
  AskFirstFactor,
  EmailOption,
  FirstFactor,
  FreshLogin,
  OnRefused,
  SecondFactorOptions,
} from './options/options';
export type { Layout, LayoutParts, Views } from './options/check-pages';
export type { ThemeColors, ThemeOption } from './options/check-theme';
export type { Messages, SentenceName, Sentences } from './locales/catalog';
export type { MessagesOption } from './locales/locales';
export type {
  CodeModel,
  CountdownModel,
  FormModel,
  HiddenField,
  LinkModel,
  PhoneModel,
  ProblemModel,
  ResendModel,
} from './pages/form-models';
export type {
  ChallengeModel,
  ConfirmModel,
  EnrollmentModel,
  ManageModel,
  MessageModel,
  PageFrame,
  PageModel,
  PageName,
  RecoveryCodesModel,
  ResumeModel,
  SavingModel,
} from './pages/models';
export type {
  ChallengeOptions,
  CheckOptions,
  DecideOptions,
  EnforceOptions,
  FormDescription,
  IdentityClaims,
  IdentityProviderTrust,
  ProofOptions,
  RequireOptions,
  ResumeOptions,
  WebhookOptions,
} from './options/verb-options';
export type { Admin, AdminAction, AdminStatus, ListedUser } from './core/admin/admin';
export type { Campaign } from './core/challenge/message';
export type { Consent, EnrollmentOption, EnrollmentPolicy } from './core/enrollment';
export type { BeforeSend, Links, Logger, Channel, SendRequest } from './core/core';
export type { Floors, Limits, Rate } from './core/limits';
export type { Decision } from './express/gate';
export type { Middleware } from './express/http';
export type {
  PasswordReset,
  PasswordResets,
  ResetAnswer,
  ResetChallenge,
} from './express/password-reset';
export type { ChallengeDocument, Status, StatusDocument } from './express/status';
export type {
  EventFacts,
  EventName,
  Listener,
  Notice,
  NoticeAction,
  SecondFactorEvents,
} from './core/events';
export type { Problem, Purpose, RefusalCode } from './core/outcomes';
export {
  SecondFactorError,
  type CarrierReport,
  type DeliveryFailureReason,
  type SecondFactorErrorCode,
  type SecondFactorErrorDetails,
  type SetupFinding,
} from './errors';
export type { Clock } from './ports/clock';
export type {
  Count,
  Counter,
  CounterWarning,
  Held,
  Place,
  Settlement,
  SimpleCounter,
  Wish,
} from './ports/counter';
export type {
  Enrollment,
  Enrollments,
  NewRecoveryCodes,
  RecoveryCodes,
  TrustedDevice,
} from './ports/enrollments';
export type { SessionStore } from './ports/session-store';
export type {
  Delivery,
  DeliveryReport,
  EmailMessage,
  EmailSender,
  InboundText,
  SmsMessage,
  SmsReceipt,
  SmsSender,
  StandaloneSender,
} from './ports/senders';
export { memoryCounter } from './counters/memory-counter';
export {
  postgresCounter,
  type PostgresCounter,
  type PostgresCounterOptions,
} from './counters/postgres-counter';
export { rateLimiterCounter, type RateLimiterLike } from './counters/rate-limiter-counter';
export { redisCounter, type RedisCounterOptions } from './counters/redis-counter';
export { mapEnrollments, type MapLike } from './stores/enrollments';
export {
  FlowrouteClient,
  type AccountCallback,
  type CallOptions,
  type FlowrouteText,
  type MessageRange,
  type RecordOptions,
} from './flowroute/client';
export type { FlowrouteClientOptions } from './flowroute/client-options';
export { FlowrouteError, type FlowrouteErrorDetails } from './flowroute/flowroute-error';
export type { AccountNumber, MessageReceipt, MessageRecord } from './flowroute/carrier-records';
export type { CallbackKind, NumberFilter } from './flowroute/requests';
export type { Timing } from './flowroute/rate-limiter';
export {
  flowrouteSender,
  type FlowrouteApiVersion,
  type FlowrouteSenderOptions,
} from './senders/flowroute-sender';
export { emailSender, type EmailSenderOptions, type MailTransport } from './senders/email-sender';
export { failoverSender } from './senders/failover-sender';
export { outboxSender, type OutboxSender } from './senders/outbox-sender';
