"""The three transcoding providers, imitated over HTTP, so that the gateway runs without an account.

What is imitated: paths, parameters, signatures (ACS3-HMAC-SHA256, RPC HMAC-SHA1, the Visionular scheme,
HTTP Basic), envelopes, error codes, the oddities of spelling and type the providers' documents show,
fifteen calls a second for each operation, work that moves through its states as the clock runs, and
notifications of its end (``POST /_sandbox/callbacks``). The official SDKs accept it as the real thing.

What is **not** imitated:

* anything that writes: no task can be submitted, cancelled or deleted;
* XML answers, regions, permissions of sub-accounts, billing and every operation not listed in the three
  faces;
* the media: URLs have the right shape and lead nowhere;
* other users of the account, whose calls would eat into the same quota (the ``throttle`` fault stands in
  for them);
* retention: a video that is transcoded every few minutes keeps its last dozens of tasks only, not a year of
  them;
* several processes: calls, nonces and faults are kept in memory, so a single worker serves it;
* TLS: the sandbox is an HTTP application, meant for loopback.

Where the documents leave open what a provider answers, ``choices.py`` names the question and the answer
taken. It imports nothing else of the gateway, so that a misreading of a document cannot be made on both
sides.
"""
