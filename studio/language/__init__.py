"""What Chinese needs: cleaning, clauses, syllables and pinyin labels. Light: pypinyin is loaded when first needed."""
