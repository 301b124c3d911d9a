"""Archives: one collection as a folder of files, with checksums, to be kept, carried and read back.

    handbook/
        manifest.json                            what there is, and the SHA-256 of each part; written last
        part-<tenant>-00001.jsonl.zst            objects in the order of their ids, one a line
        parts.jsonl                              while it is being written: the parts that are whole

A folder without a manifest is an export that was not finished.
"""
