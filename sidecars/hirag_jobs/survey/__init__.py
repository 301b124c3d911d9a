"""`hirag-jobs survey`: what carrying a collection would take, told from a sample before anything is carried.

settings ─► sampling    some hundred objects of all ids, and how fast pages are read
              │
           rates        how fast the model embeds their texts, and how fast an index of this size takes objects in
              │
           report       means and rates: a note for whoever is to decide
"""
