"""``zhuanban train``: phrasebook in, model files out. Needs the extra [models]; never imported to answer."""
