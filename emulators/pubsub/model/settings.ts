/** What a subscription was told, with the service's defaults filled in. All durations are milliseconds. */
export interface SubscriptionSettings {
  readonly labels: Readonly<Record<string, string>>
  readonly ackDeadlineMs: number
  readonly messageRetentionMs: number
  /** Whether messages are kept that long also when they are acknowledged, so that a seek can bring them back. */
  readonly retainAcked: boolean
  /** How long without any activity until the subscription is deleted; undefined: never. */
  readonly expirationTtlMs: number | undefined
  readonly deadLetter: DeadLetterPolicy | undefined
  /** Undefined: a message that failed is delivered again at once. */
  readonly retry: RetryPolicy | undefined
  /** Undefined: consumers pull. */
  readonly push: PushTarget | undefined
  readonly exactlyOnce: boolean
  /** Whether messages with an ordering key are delivered in order; fixed when the subscription is made. */
  readonly ordering: boolean
  /** In the filter language; '' lets every message in. Fixed when the subscription is made. */
  readonly filter: string
}

export interface DeadLetterPolicy {
  /** The topic's full name. */
  readonly topic: string
  readonly maxDeliveryAttempts: number
}

export interface RetryPolicy {
  readonly minimumBackoffMs: number
  readonly maximumBackoffMs: number
}

export interface PushTarget {
  readonly endpoint: string
  readonly attributes: Readonly<Record<string, string>>
  /** Kept and shown; no token is sent, since nobody could verify one that Google did not sign. */
  readonly oidcToken: { readonly serviceAccountEmail: string; readonly audience: string } | undefined
}

/** How long a message waits after its `failures`-th failed delivery: twice as long each time, between the bounds. */
export const backoff = (policy: RetryPolicy | undefined, failures: number): number =>
  policy ? Math.min(policy.maximumBackoffMs, policy.minimumBackoffMs * 2 ** (failures - 1)) : 0
