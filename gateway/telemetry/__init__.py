"""What the gateway tells of itself: traces, metrics and logs.

```text
names       every name with its unit and a sentence; README's tables are made of it
exchange    one request: its ids, what it waited for, and in the end its spans, its numbers and its line
calls       one provider call: its root span, linked with every request that shares it
outgoing    the HTTP exchanges of a call
spans       what is written down when something is over, and whether it is kept
story       the spans of a request, told when it is over; details is what they say
forms       those of plain requests as bytes, with blanks for what differs; wire makes the bytes of all others
outbox      spans that wait to be made and sent, by a thread that nothing waits for
collector   sends them, and metrics, by OTLP; protobuf and otlp make the batches
metrics     counters, gauges and histograms; exposition and otlp show them; tally gathers many
pulse       what is read once a second: lanes, the gate, the event loop's lateness
lines       the gateway's own, one for each request; logs is what is said through `logging` besides
sink        writes lines in a thread that nothing waits for
room        opens, wires, closes
```

A span costs as much as the rest of a fast answer, so none is begun: a request notes a few times and numbers,
and what becomes of them is decided when it is over and known to have failed or not.
"""
