module chancery/compare

go 1.25
