"""HTTP/1.1 as provider calls need it, behind httpx's interfaces.

httpx leaves connections to httpcore, which for every request looks at all of them and parses in Python: a
call costs a millisecond of processor time, and more the more there are under way. Here a call takes a
connection off a stack, and the parser is llhttp, the one in Node. Nothing above can tell the difference:
`client` is an `httpx.AsyncClient`, `pool` an `httpx.AsyncBaseTransport` that any other may take the place of.

What it does without, because provider calls do: HTTP/2, proxies, request bodies of unknown length, HEAD.
"""
