# Noisy XNOR: no single line parts the classes.  One level can do nothing, four find the quarters, and a tree
# that is grown to the end draws a border round every wrong label.
load here.'/style.gp'
set multiplot layout 2,2 margins 0.06,0.88,0.05,0.95 spacing 0.06,0.08
set xrange [-1:1]; set yrange [-1:1]; set cbrange [0:1]; set size square
set palette defined (0 '#f0b070', 0.5 '#f8f8f8', 1 '#80b0d8')
set cblabel 'probability of class 1'
unset key
array title[4] = ['One level', 'Two levels', 'Four levels', 'Grown to the end']
do for [i = 1:4] {
    if (i == 2) { set colorbox user origin 0.895,0.05 size 0.015,0.9 } else { unset colorbox }
    set title title[i]
    plot 'xnor-all.csv' skip 1 using 1:2:(column(2 + 4 * i)) with image, \
         'xnor.csv' skip 1 using 1:($3 == 1 ? $2 : NaN) with points pt 7 ps 0.35 lc rgb blue, \
         'xnor.csv' skip 1 using 1:($3 == 0 ? $2 : NaN) with points pt 7 ps 0.35 lc rgb orange
}
unset multiplot
