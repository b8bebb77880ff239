"""Between the graph and the providers: one lane per provider operation, so that no client feels a quota.

```text
load(key)
  1 cache      a record young enough answers: no slot, no wait
  2 join       somebody already waits for the key: share its flight
  3 queue      otherwise the key lines up, callers taking turns
  4 slot       the lane asks its quota for one call
  5 seal       when the slot is granted, not before, the batch is cut; empty seats go to hot keys
  6 call       one real request
  7 settle     one record or one error per key; memory is written, waiters wake, leftovers line up again
```

`builder` puts the lanes together, `stack` is what the rooms above talk to. This room knows the providers
only by the protocol in `gateway.domain.provider`.
"""
