"""The forms that releases come in. A source's file in data/sets/ is its SetInfo and a `load` made by one of these.

captions: a picture and its text. conversations: turns, LLaVA's form. qa: question and answer, with options, pictures or
reasoning where a set has them. labelled: pictures with labels or masks, from a table or a folder a class.
"""
