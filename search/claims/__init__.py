"""What articles claim: who says what in quotation marks, and how many there are of something. Text in, ranges out."""
