# What the pictures share.
set datafile separator ','
set border 3 lc rgb '#808080'
set tics nomirror textcolor rgb '#404040'
set key top left reverse Left samplen 1.5
blue = '#1f6fb4'; orange = '#d9661f'; grey = '#a0a0a0'; green = '#2e8b57'
