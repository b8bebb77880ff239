"""The object types, one file per concept.

A type declares fields and describes them; its values are the records of `gateway.domain.records`, handed
through untouched. A field without a resolver is the record's attribute of that name. A field with one is a
field that another operation may have to be asked for.
"""
