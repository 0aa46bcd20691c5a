"""The matching engine: demand facts against offer facts, giving ranked proposals with their reasons.

Pure policy: no file, no database, no framework, no clock. Importing this package loads nothing heavy;
numpy, the word cutter and the compiled kernels come with `ranking`, `words` and `postings`, which a worker
imports at its first suggestion (so that a worker serving only forms stays small).

Where to read on:
    facts       what is known of a demand and of an offer
    vocabulary  concepts, their labels and how they are related
    words       one text cut into words, character pairs and concepts
    weights     every figure that can be argued about, each with its source
    ranking     the way from a demand to proposals
    evaluation  how good a ranking is, measured against judged pairs
"""
