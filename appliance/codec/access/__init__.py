"""Access rules as people write them: the document, its subjects, and files of other systems.

subjects    one subject, such as `user:ada`, and what is no name
naming      rules with names to those of the ledger, and back
places      where each value of a TOML document stands
document    the TOML document, read and written
flexlm      options files of FlexNet, translated
"""
